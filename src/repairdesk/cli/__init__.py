"""What people type. A command parses, calls one method of Desk, renders; nothing imports this room."""
