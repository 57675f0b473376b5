"""The closed lists of words that rules, entries and commands are written in (the rulebook's Words, INT-2, INT-3).

Only names stand here, no numbers: what a word means is decided where it is used. The policies may name nothing else,
so that a slip of the pen in the YAML is found when it is read and not when a clock fails to start.
"""

from __future__ import annotations

KINDS = ("in_home", "public_area", "complaint", "help")
"""What the desk records (Words)."""

PRIORITIES = ("emergency", "regular", "low")
"""INT-3."""

CHANNELS = ("phone", "walk-in", "wechat", "app", "web", "letter", "patrol", "handover-inspection", "higher-office")
"""INT-2."""

SEVERITIES = ("general", "important", "major")
GRAVE = ("important", "major")
"""Severities of which it is said that they are grave."""
"""Of complaints (INT-3, CAL-3)."""

HELP_CLASSES = ("medical", "repair", "complaint", "enquiry", "security", "disaster", "other")
"""Of help requests (INT-3)."""

ROLES = ("clerk", "technician", "contractor", "leader", "supervisor", "manager", "finance")
"""What a staff record can say (Words)."""

ORDER_ROLES = ("assignee", "tracker")
"""Roles that an order gives to one person (the rulebook's Who may)."""

PAUSE_REASONS = ("parts", "absent", "supplier", "support", "taken-away", "consent", "other")
"""Why work is left unfinished (VIS-5, VIS-4)."""

RATINGS = ("very-satisfied", "satisfied", "fair", "dissatisfied")
"""What the resident says of the work (FIN-3); the last two oblige supervisor and manager (FIN-4)."""

STOP_REASONS = (*PAUSE_REASONS, "appointment")
"""What may stop a clock: a pause, or an appointment that is still ahead (SLA-3)."""

BILL_PARTS = ("labour", "parts")
"""What a warranty can make free: services, and materials (FEE-5)."""

CALL_OUTCOMES = ("satisfied", "dissatisfied", "unreached")
"""What a callback comes to (CAL-5)."""

ATTACHED = ("slip", "photo", "other")
"""What a file that is attached to an order shows: the signed slip, or what was found and done."""

MEDIA = ("jpeg", "png", "webp", "heic", "tiff", "pdf")
"""The kinds of files that can be attached: what phones, scanners and offices make of paper."""

CALL_METHODS = ("phone", "visit", "letter")
"""How somebody is called back (CAL-4)."""

LOW_RATINGS = ("fair", "dissatisfied")
SATISFIED = ("very-satisfied", "satisfied")
"""The ratings of which supervisor and manager hear the technician (FIN-4)."""

DEPARTMENTS = ("outside", "engineering", "security", "environment", "customer-service")
"""The departments of the standard policies, which may name others (LY 5·3)."""

RECHECKS = ("ok", "again")
"""What the look at a finished repair on the day after comes to (CAL-8)."""

STRATA = ("repairs", "complaints", "events")
"""What callbacks are counted by, each with a quota of its own (CAL-1)."""

GRADES = ("qualified", "unqualified", "poor")
"""What the resident's own materials are verified as (QUO-6)."""

COLLECTIONS = ("finance", "technician")
"""Who takes the resident's money (FEE-7)."""

COPIES = ("resident", "engineering", "stores", "finance", "desk")
"""For whom a copy of a slip is."""

SERIES = ("order", "coordination", "receipt")
"""What is numbered."""

RETAINED = ("paid", "free", "coordination", "converted", "messages", "households", "notes")
"""What is kept for a time of its own (RET-1).

Orders: ``paid`` and ``free`` (FEE-9), ``coordination`` orders and those that were ``converted`` into them. Beside them:
``messages``; ``households``, of which who lives there now stays in any case; ``notes``: what a shift left for the next,
why a phone was revealed, open letters, the supervisor's opinion on a month.
"""

SECONDED = ("purge", "reduce", "decline")
"""What takes a second person, who can be asked for a PIN: a purge, a reduction (FEE-6), a resident's no (QUO-3)."""

DISTURBANCES = ("noise", "power", "water")
"""What the resident agrees to beforehand (VIS-9)."""

ANCHORS = ("event", "reported", "appointment", "day", "next", "call")
"""What an obligation's time is counted from."""

ENTRIES = (
    *("intake", "join", "quote", "consent", "decline", "assign", "accept", "arrive", "absent", "start", "pause"),
    *("reschedule", "support", "returned", "finish", "sign", "close", "archive", "cancel", "correct", "convert"),
    *("exempt", "log", "check", "open", "retrack", "callback", "pay", "refund", "rebill"),
    *("hand-over", "hear", "settle", "explain", "recheck", "settle-remark", "opinion", "attach"),
)
"""The entries of the ledger that an obligation may look at."""

PERIODS = ("week", "month")
"""What an obligation can be owed in each of (COO-3, COO-4)."""

OUTCOMES_OF_DELAY = ("convert", "propose")
"""What the nightly run does with an order that was not finished in its time (COO-1)."""

PSEUDO_EVENTS = (
    *("register", "advised", "taken-up", "coordinated", "unsure", "untested", "settled", "unreached", "void", "month"),
    *("check-leader", "check-supervisor", "check-manager"),
    *("low-rating", "dissatisfied", "hear-supervisor", "hear-manager"),
    *("callback-clerk", "callback-leader", "callback-supervisor", "callback-manager"),
    *("call-again-clerk", "call-again-leader", "call-again-supervisor", "call-again-manager"),
    *("letter", "called-month", "routed"),
)
"""What the program tells the obligations besides the entries.

``register``: a report was written down (INT-4). ``advised``: it was solved on the phone (INT-6); ``taken-up``: somebody
is sent all the same. ``coordinated``: the report follows a coordination order that is still tracked. ``unsure``,
``untested``: so the technician finished it (FIN-2). ``unreached``: nobody answered the callback (CAL-5). ``settled``:
the coordination order of a converted order is finished (COO-1). ``void``: the coordination order was opened too early
(REC-2). ``month``: a month is over in which something was billed (FEE-7). ``check-…``: who checked a coordination
order (COO-4). ``low-rating``, ``dissatisfied``: so the resident rated it; ``hear-…``: who heard the technician about it
(FIN-4). ``callback-…``: who called back, and ``call-again-…``: that they said when they call again (CAL-5). ``letter``:
an open letter answered it (CAL-6). ``called-month``: a month is over in which somebody was called back (CAL-7).
``routed``: a complaint goes to a department, at first or by a correction (LY 5·4.2).
"""

EVENTS = (*ENTRIES, *PSEUDO_EVENTS)
"""What can start, meet or void an obligation."""

VERBS = (
    *("intake", "import", "correct", "cancel", "reschedule", "join", "archive", "archive-coordination", "print"),
    *("assign", "quote", "reduce", "consent", "decline", "accept", "arrive", "start", "pause", "support", "returned"),
    *("finish", "sign", "sign-unsigned", "close", "check", "exempt", "convert", "log", "callback", "pay"),
    *("hand-over", "purge", "reveal", "rebill", "refund", "household", "handover", "hear", "settle"),
    *("explain", "recheck", "settle-remark", "opinion", "attach", "pin-reset"),
)
"""What the policies' ``may`` grants (Who may); what anyone at the keyboard may do is not among them."""
