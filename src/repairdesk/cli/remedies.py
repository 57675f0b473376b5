"""What to do now, where a refusal's own sentence does not say it: a line of its own, and ``remedy`` for scripts.

Most refusals name what is possible, what there is to choose from or what to type; those stand nowhere here. The others
are found by their template, so that whoever words a refusal anew is told by a test to say here, or there, what helps.
Only the edge knows commands by name, so this is no room of the domain's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from repairdesk.domain.vocabulary import ORDER_ROLES
from repairdesk.errors import N_, DeskError

_REMEDIES: Mapping[str, Sequence[str]] = {
    # --- what there is
    N_("list --find {number} looks for it by place, name or words; list shows the newest"): (
        "there is no order {number}",
    ),
    N_("leave out --as-of, or name a later time: show {number} --entries tells when it was reported"): (
        "there was no order {number} yet",
    ),
    N_("type more of the number: its day, or the whole of it"): (
        "{number} could be any of: {numbers}",
        "{name} could be any of: {numbers}",
    ),
    N_("type it as it stands there"): ("{name} could be any of: {ids}", "“{text}” could be any of: {names}"),
    N_("type the number of one of them"): ("“{text}” is none of the numbers above",),
    N_("household list --find TEXT and list --place P tell which places are known"): ("nothing is known of {place}",),
    N_("household list --find {place} shows who can be called there"): ("no phone of {place} is known as {ref}",),
    N_("fees list shows every code"): (
        "{code} is not a service of fee table {version}",
        "{code} is not a material of fee table {version}; what is not on the table is given as NAME:QTY:STOCKCOST",
    ),
    N_("show {number} tells what came under that id; give what is new another one"): (
        "{external_id} is {number} already, with another content",
    ),
    N_("show {number} tells how it stands now; leave out --as-of"): (
        "{number} is kept as another system had it at {at}: how it stood before, nothing tells",
    ),
    N_("have it reviewed first: quote NUMBER --fee AMOUNT, then consent NUMBER; or name codes of the fee table"): (
        "no fee was reviewed and agreed to that “unlisted” could stand for",
    ),
    N_("once the resident agrees to the fee: consent NUMBER"): (
        "Paid work starts after the resident's consent; an emergency may start first, with a reason. "
        "{fee} was quoted and is not agreed to.",
    ),
    N_("say why: assign NUMBER STAFF --reason R"): ("Reassigning an order needs a reason. It is with {who} now.",),
    N_("leave out --card-price of it"): (
        "the reviewed fee is for {work} together: a card price of one of them cannot be compared with it",
    ),
    N_("mend each at its place; policies check and fees check look again"): ("{file} cannot be used:\n{problems}",),
    N_("send what follows again, without the lines that are done"): (
        "nobody reads the answers any more: {done} of {lines} lines are done, and what follows was not read",
    ),
    # --- on a server
    N_("policies show tells what the folder has; copy the file from a folder that is up to date"): (
        "this folder has {kind} {version}, and the site took over {other} since: bring that file up to date, or give "
        "it a new version, which counts from the next entry of a manager on",
    ),
    N_("staff add ID --name NAME --role ROLE --os-user {login} says whose it is, then admit it"): (
        "no staff record has the account {login}: what it writes would be nobody's",
        "the account of {staff} is {account}, and not {login}",
    ),
    N_("a desk in a folder: --ledger {folder}/ledger.db"): (
        "REPAIRDESK_LEDGER names {ledger}, and {folder} has a ledger, too: say which by --ledger",
    ),
    N_("name the sites that are there: ledger sites; ledger create and init --site make one"): (
        "there is no ledger of that site on this server: {path}",
    ),
    N_("look at each of them by --site NAME: doctor says what ails it"): (
        "{away} of {sites} sites could not be counted: {named}; the others are",
    ),
    N_("have a manager write the next entry with this --home, or name the folder with the ledger's rules"): (
        "the rules of this folder are others than the ledger knows: they count from the next entry of a manager on",
    ),
    N_("type ledger upgrade with this --ledger and --site, as the owner"): (
        "{path} was written by an earlier repairdesk: its version is {found}, this one works with {known}; "
        "bring it there: ledger upgrade",
    ),
    N_("type the same again: nothing of it is there yet"): (
        "{path} went away before the change was kept: nothing of it was written; do it again",
    ),
    N_("in psql, as who runs the server; then do it again"): (
        "{login} may not make the roles of a site: ALTER ROLE {login} CREATEROLE",
    ),
    N_("quote it in the shell, and leave the password to ~/.pgpass"): (
        "this is no URL of a database on a server: postgresql+psycopg://USER@HOST/DATABASE; in a password @ is "
        "written as %40, / as %2F, : as %3A, % as %25, a space as %20, or it stands in ~/.pgpass",
    ),
    N_("see whether another server took over, and name that one by --ledger"): (
        "the server of {path} only lets read now: nothing was written; ask who runs it",
    ),
    N_("log in as who owns it: --ledger postgresql+psycopg://OWNER@HOST/DATABASE"): (
        "only who owns the ledger can make its tables anew",
    ),
    N_("ask who owns the ledger: ledger admit LOGIN gives a login what it may do"): (
        "the database does not let this login write for others: ledger admit says whose hand it is",
        "the database does not let this login do that: {detail}",
        "there is no site that this login may look into",
    ),
    N_("say it in at most 800 characters, and the rest in what is reported"): (
        "a place, a name or a number is longer than the server can look for: {detail}",
    ),
    N_("run verify: what the database keeps together does not fit"): ("the database refuses it: {detail}",),
    N_("make one: createdb NAME on the server; or mend the name behind the host"): (
        "there is no database at {path}: {detail}",
    ),
    N_("see that the server runs and that host, login and password are right; then do it again"): (
        "{path} cannot be reached: {detail}",
    ),
    N_("make the login first, then admit it again"): ("the server has no login {login}: CREATE ROLE {login} LOGIN",),
    N_("copy into another site, or a file that is not there yet"): (
        "{path} is another ledger, or went on by itself: nothing is copied into it",
    ),
    N_("run it as the account that the desk belongs to"): (
        "the ledger of this desk is not copied by who is only served here",
    ),
    N_("name the server: --ledger postgresql+psycopg://HOST/DATABASE"): (
        "this is for a ledger on a server: --ledger postgresql+psycopg://…",
    ),
    N_("leave out --ledger, or name a file"): ("this is for a ledger in a file; that one is on a server",),
    N_("look at the path: ls tells what is there"): (
        "there is no file {file}",
        "there is no {file}",
        "{file} is empty",
        "{file} is no file that could be attached",
        "{path} is not a file",
    ),
    N_("make it first: mkdir -p {folder}"): ("there is no folder {folder}",),
    N_("make it first: mkdir -p {path}"): ("there is no folder {path}",),
    N_("init makes a desk in this folder; --home DIR names one that is elsewhere"): (
        "there is no ledger at {path}",
        "the ledger knows no rules yet",
    ),
    N_("use this one, or make another with init --home DIR"): ("there is a desk already: {files}",),
    # --- people
    N_("staff list shows who is here"): ("{who} has left the desk",),
    N_("name another one: staff list shows who is here"): (
        "it takes a second person: {who} cannot be both",
        "two people sign the handover: {who} cannot be both",
        "{who} cannot be the second person of a purge: it takes a leader or above",
    ),
    N_("that account is changed at {id}: staff add {id} --os-user OTHER"): ("the OS user {user} is {id} already",),
    N_("try again; a forgotten one is taken back by supervisor or manager: staff pin {who} --reset"): (
        "that is not the PIN of {who}; tries left: {left}",
    ),
    N_("wait until then, or take another second person"): (
        "the PIN of {who} was typed wrongly {tries} times: nobody can try before {until}",
    ),
    N_("{who} types it: staff pin {who}"): (
        "the PIN of {who} is set at {who}'s own account, {user}",
        "the PIN of {who} is set by {who} alone",
        "{who} has a PIN: to set another takes it",
        "{who} has no PIN",
    ),
    N_("supervisor or manager takes it back: staff pin {who} --reset --as STAFF"): (
        "a forgotten PIN is taken back by another: {who} cannot do it alone",
    ),
    N_("give a short id, such as W1; the phone is no part of a staff record"): (
        "a phone number is no staff id: ids stand in every answer and on every slip",
    ),
    N_("do it at that account, or have a manager do it at the manager's own"): (
        "{who} has an account, {user}: role and account are changed there, or at a manager's",
        "{who} takes back a PIN at their own account, {user}",
    ),
    # --- times
    N_("say with --at when it happened, not later than now; without it, it is now"): (
        "{at} is in the future; now it is {now}",
    ),
    N_("say a later time with --at; a time that was keyed in wrongly stays on record (show --entries)"): (
        "{at} is before the last entry on {number}, which happened at {last}",
        "{at} is before the last handover, which was at {last}",
        "{name} at {at} is before {other} at {last}",
    ),
    N_("name a time that is still ahead"): (
        "An appointment lies ahead of the time at which it is made.",
        "the next call lies ahead",
    ),
    N_("name an earlier day, or leave it out"): (
        "{day} has not come yet: nothing can be missing",
        "{option} {text} has not come yet",
    ),
    N_("name the time of the call, before the end of the work: CODE@HH:MM"): (
        "{code} cannot have been asked for at {at}: the work was done at {end}",
        "“{text}” gives a time of day, but no visit says which day is meant",
    ),
    N_("look at the dates on the warranty card and of the visit; correct NUMBER purchased=D mends the order's"): (
        "bought on {purchased}, it cannot have been repaired on {day}",
        "the warranty ended on {end}, before the work of {day}",
    ),
    N_("wait until it is over; report shows how it stands meanwhile"): (
        "{month} is not over yet: orders are still filed in it",
        "{month} is not over yet: people are still called back in it",
    ),
    # --- bills and months
    N_("show {number} tells its bill and what was paid of it"): (
        "nothing of the amount is left for {number}",
        "{number} has no bill",
    ),
    N_("what changes now is put into the first open month by itself: rebill, pay"): ("{month} is handed over already",),
    N_("nothing has to be done"): (
        "no month waits for an opinion",
        "no month waits to be handed over",
        "nobody was called back in {month}",
        "the ledger has no entry yet: there is nothing to note",
    ),
    N_("give an amount above zero and not above the bill: --reduce AMOUNT"): (
        "a reduction of {amount} is more than the bill of {total}",
        "a reduction takes something off: {amount} does not",
    ),
    N_("correct it in that system; a bill of this desk belongs to a report of its own: intake --follows {number}"): (
        "the bill of {number} is another system's: it is corrected there",
    ),
    N_("give a fee within it: quote NUMBER --fee AMOUNT"): (
        "Where the fee table gives a range, the quote lies within it. For what was asked for that is {low} to {high}.",
    ),
    N_("name the orders one after the other, each with its amount"): ("money is paid back for one order at a time",),
    N_("split the work over two orders: intake --follows NUMBER"): (
        "a bill of {total} is above {most}, the highest that can be kept",
    ),
    N_("type: rebill NUMBER --reason R, with what changes"): (
        "a bill is not edited: rebill reverses it and puts another in its place",
    ),
    N_("it is signed first: sign NUMBER --by NAME --rating R"): ("{number} has no signature to correct",),
    N_("show {number} tells how it stands"): ("{number} is {state}; it cannot be converted",),
    N_("take the work in as an order that follows it: intake --follows NUMBER"): (
        "a coordination order keeps found and result alone; visits and bills are work orders that follow it",
    ),
    # --- files that are there, or cannot be written
    N_("give another name, or move that file away"): (
        "{path} is there already and is not overwritten",
        "{file} is there already and is no fee table that can be read; it is not replaced",
        "{file} is there already, is no checkpoint, and is not overwritten",
        "the desk has these templates already: {files}",
    ),
    N_("give the name of a file in a folder that you can write in"): (
        "{file} is in the desk: what goes from it goes to a file elsewhere",
        "{file} is no file that an answer could be written to",
        "{file} is no file, and an answer of this kind goes to one",
        "{file} is no file: a workbook goes to one",
    ),
    N_("look at your rights to it and at the room on its disk (ls -l, df -h), then do it again"): (
        "{file} cannot be read or written: {why}",
        "{file} cannot be read: {why}",
        "{file} cannot be written: {why}",
        "{path} cannot be made: {detail}",
        "{path} cannot be read or written: {detail}",
        "the folder for temporary files fails: {why}",
        "the disk is full: nothing was left at {file}",
        "{folder} has {free} MB free, and {needed} MB are needed to make the ledger anew",
        "doctor will not know of this backup: {file} cannot be written: {why}",
        "{file} cannot be copied: {why}",
        "{file} is written, but {old} cannot be removed: {why}",
    ),
    # --- the ledger's own file
    N_("keep the file as it is and look for the last backup: restore FILE makes a desk of it"): (
        "entry {seq} of {number} cannot be read",
        "the ledger lacks {kind} {version}, by which an order was judged",
        "the record was altered; problems: {count}",
        "{path} has no version that a ledger ever had: {found}",
        "{path} is empty: this is no ledger any more",
        "{path} is not a ledger: its beginning is that of another kind of file",
        "{path} was made by an earlier, unreleased repairdesk, whose tables this one does not have",
    ),
    N_("name the ledger with --ledger, or the desk with --home"): (
        "{path} is a database, but not a ledger of repairdesk",
    ),
    N_("install the newer one: pipx upgrade repairdesk"): (
        "{path} was written by a newer repairdesk: its version is {found}, this one knows {known}",
        "{file} was made by a newer repairdesk, in a form that this one does not know",
    ),
    N_("take a backup that nobody changed"): ("{file} holds {name}, which is nothing of a desk",),
    N_("look with show and list what is done, and tell who looks after the program"): (
        "this is a mistake of the program: {what} (REPAIRDESK_DEBUG=1 shows where)",
    ),
    # --- rules, addresses, templates
    N_("mend the file at that place; doctor looks at it"): (
        "no address in {file} can be used ({kinds})",
        "{file} cannot be read as YAML",
        "{file} cannot be read as YAML: see line {line}",
        "{file} cannot be understood",
        "{file} has no addresses: they are a list under “urls”",
        "{file}: the version of its form can only be 1",
    ),
    N_("save it as UTF-8"): ("{file} is not UTF-8",),
    N_("mend the template, or delete it: then the program's own is used"): (
        "{file}, line {line}: this template cannot be used: {why}",
    ),
    N_("install a font that has them, or correct what was written"): (
        "no font here has {characters}, and nothing can be printed in their place",
    ),
    # --- files of rows, lines of commands
    N_("mend the file and look first with --dry-run"): (
        "{rejected} of {rows} rows are rejected; nothing was taken",
        "{rejected} of {rows} rows are rejected; nothing would be taken",
        "{file} is empty: it needs a row with the names of the columns",
        "row {row} of {file} is blank: it has no names of columns",
        "row {row} of the same place says {since}",
        "a text cannot be kept: it holds bytes that are no characters",
    ),
    N_("mend those rows and import them again; --rejects FILE writes them out"): (
        "{rejected} of {rows} rows are rejected; the others were taken",
        "{rejected} of {rows} rows are rejected; the others would be taken",
    ),
    N_("mend those lines and send them again, without the ones that are done"): (
        "none of the {lines} lines could be done",
        "{unread} of {lines} lines are no command; the others were tried",
        "{refused} of {lines} lines were refused; the others are done",
        "line {line} of this run took in no order",
    ),
    N_("save it as xlsx or CSV"): (
        "{file} cannot be read as a workbook: {why}",
        "{file} is too large for a list of prices or reports",
    ),
    N_("name a file that checkpoint wrote"): ("{file} is no checkpoint of a ledger",),
    N_("name a file that checkpoint --new-key wrote"): ("{file} is no key for checkpoints",),
    N_("doctor tells what is amiss; the next run tries again"): (
        "the messages could not all be sent: {why}; the rest is done",
        "{orders} orders failed and {messages} messages were given up; the rest is done",
    ),
    N_("give the rows as a file"): (
        "stdin is closed: there are no lines to read",
        "stdin is closed: there are no rows to read",
        "{file} is no file, and rows come from one, or down a pipe",
    ),
    N_("say it once"): (
        "{column} is mapped twice",
        "{column} is mapped twice, to different fields",
        "the warranty card gives two prices of {code}",
    ),
    # --- what was typed
    N_("leave one of them out"): ("{one} and {other} exclude each other",),
    N_("leave {option} out, or say {other} as well"): ("{option} belongs to {other}",),
    N_("leave it out, or say --kind complaint"): (
        "a severity belongs to a complaint",
        "a department belongs to a complaint",
        "only a complaint may be anonymous",
        "only of a complaint a letter alone can be asked for",
    ),
    N_("leave it out, or say --kind help"): ("a class belongs to a help request",),
    N_("leave --rework out, or record the outcome of a call that reached somebody"): (
        "nobody was reached who could ask for rework",
    ),
    N_("type them in order: --from the earlier, --to the later"): (
        "duty ends after it begins",
        "the window “{text}” ends at {end}, which is not after its start",
    ),
    N_("type it with its country or area code, digits and hyphens only: 13800138000, 0571-88886666"): (
        "“{text}” is not a phone number",
    ),
    N_("name an hour before or after"): ("“{text}” does not exist in {zone}: the clocks were put forward past it",),
    N_("read it once more from the paper"): (
        "“{text}” was misread or mistyped: its check digit does not fit",
        "“{code}” was misread or mistyped: its check digit does not fit",
    ),
    N_("type both again"): ("the two are not the same: nothing was changed",),
    N_("name an earlier one, or leave --since out"): ("this ledger has no entry {seq}; its last one is {head}",),
    N_("report NAME --format json shows its figures and groups"): ("“{value}” is no group of this report",),
}
"""What helps, and the refusals that it helps against."""

_MENDS: Mapping[str, Sequence[str]] = {
    "repairdesk policies check; repairdesk fees check; repairdesk calendar check": (
        "what was done since {at} can have been judged by {kind} {version}, which are not those of this folder: "
        "{actor}, at the keyboard {keyboard}",
        "what follows goes by the rules that were adopted last: {why}",
        "they cannot be used: {why}",
    ),
    "repairdesk verify; repairdesk restore FILE --home DIR": ("it cannot be used: {why}",),
    "repairdesk verify; repairdesk restore {file} --home DIR": (
        "the ledger is not the one of which {file} was made on {at}: verify both",
    ),
    N_("repairdesk backup DIR --keep 30; in cron: 30 1 * * * repairdesk backup DIR --keep 30 --home {home}"): (
        "no backup was ever made: put backup into cron",
        "no backups are set up yet: put backup into cron",
        "the last backup, of {at}, is not there any more: {file}",
        "the last backup was made on {at}, {since} entries ago: see to cron",
    ),
    N_("repairdesk escalate; in cron: 0 2 * * * repairdesk escalate --home {home}"): (
        "the nightly run (escalate) has never come: put it into cron",
        "the nightly run (escalate) is not set up yet: put it into cron",
        "the nightly run (escalate) has not come since {at}: see to cron",
    ),
    N_("write the addresses into {home}/notify.yaml (the manual shows one), then: repairdesk escalate"): (
        "messages wait to be sent ({waiting}), and there is no {file}",
    ),
    N_("pip install 'repairdesk[notify]', then: repairdesk escalate"): (
        "messages wait to be sent ({waiting}) and cannot be: pip install 'repairdesk[notify]'",
    ),
    N_("look at the addresses in {home}/notify.yaml, then: repairdesk escalate"): (
        "{given_up} messages were given up and {waiting} wait to be sent: see to notify.yaml",
        "messages wait to be sent ({waiting}), the oldest since {since}: see to escalate and to {file}",
    ),
    N_("add the year to {home}/calendar.yaml, then: repairdesk calendar check"): (
        "calendar.yaml has no table of {year}: deadlines in working hours are provisional",
        "calendar.yaml ends with {day}, and deadlines beyond are provisional: add {year} once it is published",
    ),
    N_("move them out of the desk: mv {home}/FILE ELSEWHERE"): (
        "{count} files in the desk belong to no order: {files}",
        "a key lies in the desk ({files}): whoever alters the ledger could sign for it; keep it elsewhere",
        "backups, exports or copies lie in the desk ({files}): lost with it, and no purge takes a name out of them; "
        "keep them elsewhere",
    ),
    "repairdesk report finance --month {month} --hand-over": ("the bills of {month} are to be handed over by {due}",),
    "repairdesk callback opinion --month {month} --text TEXT": (
        "the callbacks of {month} wait for the supervisor's opinion, by {due}",
    ),
    "repairdesk staff pin STAFF": (
        "the policies ask for the PIN of a second person, and none of them has one: staff pin",
    ),
    "repairdesk staff add ID --name NAME --role {role}": (
        "the desk has nobody as {roles}, whom the policies want told: staff add",
        "no report can be taken in, or nobody can be sent: the desk has nobody as {roles}: staff add",
    ),
    "repairdesk ledger admit LOGIN --staff ID": (
        "you are logged in as {login}, who owns the ledger or the server: nothing that protects it holds for that "
        "login; work as one that was admitted",
    ),
    N_("repairdesk ledger dismiss LOGIN; what was given in another way is taken by REVOKE in psql"): (
        "logins that nobody admitted get at the ledger: {logins}",
        "logins may more than they can be admitted to, and could alter what is written: {logins}",
    ),
    "repairdesk ledger dismiss LOGIN": ("logins of people who left are still admitted: {logins}",),
    N_("encrypt it: ssl = on at the server, and --ledger postgresql+psycopg://…?sslmode=verify-full"): (
        "what goes to {host} and comes from there can be read on the way, with every phone and name in it",
    ),
    N_("bring the site's files to {home}; or have a manager write the next entry with these"): (
        "the rules of this folder are others than the ledger knows: they count from the next entry of a manager on",
        "this folder has {kind} {version}, and the site took over {other} since: nothing is written by it",
    ),
    "chmod o-w {home} {home}/*.yaml": ("everybody on this machine can change who may what ({files}): chmod o-w",),
}
"""What mends a finding of ``doctor``, as it is typed; those that name their command themselves (chmod …) have none."""

_SHOWN_BY_HELP = frozenset(
    (
        "{name} cannot be understood: {what}", "{name} is a whole number", "{name} is a whole number, {range}",
        "{name} needs a value", "{name} takes no value", "{option} is empty", "{option} says nothing of {what}",
        "{what}", "missing: {fields}", "“{text}” is not FIELD=VALUE, or the field stands twice",
        "“{text}” is not {shape}", "an argument holds bytes that are no characters: {text}",
        "too much was said: {name}",
    )
)  # fmt: skip
"""Slips of typing: the command's own page shows how it is typed."""

HELP = N_("{command} --help shows how it is typed")


def remedy(refusal: DeskError, argv: Sequence[str]) -> tuple[str, Mapping[str, object]] | None:
    """What to do now, as a template and its values; nothing where the refusal says it itself."""
    if refusal.message in _OF_ROLES and "able" in refusal.values:
        return _by_whom(refusal)
    if refusal.message in _SHOWN_BY_HELP:
        return HELP, {"command": command_of(argv)}
    for text, against in _REMEDIES.items():
        if refusal.message in against:
            return text, refusal.values
    return None


_OF_ROLES = frozenset(
    ("{who} ({role}) may not do this; it is for: {roles}", "{who} ({role}) may not take over; it is for: {roles}")
)
"""Refused to somebody whose part it is not: the ledger knows whose it is."""


def _by_whom(refusal: DeskError) -> tuple[str, Mapping[str, object]] | None:
    """How it is said who did it, or who has to; nobody is told to put on another's role."""
    values = refusal.values
    roles = [role for role in values["wanted"] if role not in ORDER_ROLES]
    first = {"first": values["able"][0].partition(" ")[0]} if values["able"] else {}
    if not first:
        if not roles:
            return None
        return N_("nobody here is that: staff add ID --name NAME --role {role}"), {"role": roles[0]}
    if values["bound"]:
        return N_("it is done by, each from their own account: {able}"), values
    if str(values["who"]).startswith("os:"):
        return N_("say who did it, as in --as {first}: {able}; whose account this is: "
                  "staff add ID --name NAME --role ROLE --os-user {user}"), {**values, **first}  # fmt: skip
    return N_("this is done by {able}; who did it is said by --as {first}"), {**values, **first}


def with_number(helps: str, argv: Sequence[str]) -> str:
    """A remedy with the number of the order that was typed, so that it can be typed as it stands."""
    number = next((word for word in argv[1:2] if _NUMBER.fullmatch(word)), None)
    return re.sub(r"\bNUMBER\b", number.upper(), helps) if number else helps


_NUMBER = re.compile(r"(?:[A-Za-z]?\d{8}-)?\d{1,4}")


def mend(finding: str) -> str | None:
    """What mends a finding of ``doctor``: a template; nothing where the finding says it itself."""
    return next((text for text, against in _MENDS.items() if finding in against), None)


def told(message: str) -> bool:
    """Whether there is a remedy for this template here."""
    return message in _SHOWN_BY_HELP or any(message in against for against in _REMEDIES.values())


def everything() -> frozenset[str]:
    """Every template that has a remedy here."""
    return _SHOWN_BY_HELP.union(*_REMEDIES.values())


def command_of(argv: Sequence[str]) -> str:
    """The command that was typed, with the one below it, as far as it is one."""
    from repairdesk.cli.app import CHAPTERS

    known = {name for names in CHAPTERS.values() for name in names.split()}
    words = [word for word in argv[:2] if word[:1].isalpha()]
    if not words or words[0] not in known:
        return "repairdesk"
    below = words[1:] if words[0] in _GROUPS else []
    return " ".join(["repairdesk", words[0], *below])


_GROUPS = ("staff", "fees", "policies", "callback", "household", "calendar", "ledger")
