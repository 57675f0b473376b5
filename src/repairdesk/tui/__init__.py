"""The desk as a full screen that lives all day. It shows what the Desk answers and asks it for what is typed."""
