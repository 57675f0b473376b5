"""What the files of rules say: ``policies show``, ``fees list``, ``fees check``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repairdesk.cli.render.channels import Asking, fields, put, put_json
from repairdesk.cli.render.sentences import error_text
from repairdesk.cli.render.tables import table
from repairdesk.cli.render.words import duration, word
from repairdesk.errors import N_
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.domain.fees import FeeTable, Price
    from repairdesk.domain.policy import ObligationRule, Policies

Doc = Mapping[str, Any]


def checked_fees(call: Asking, doc: Doc) -> None:
    """``fees check``: and which open quotes this table would make otherwise."""
    quotes = [{**one, "why": error_text(one["why"]) if one["why"] else None} for one in doc["quotes"]]
    if call.json_:
        put_json({**doc, "quotes": quotes, "warnings": []})
        return
    fields(call, {name: value for name, value in doc.items() if name != "quotes"})
    for one in quotes:
        template = N_("{number} {place}: quoted {quote}, this table says {now}; it keeps version {version}")
        said = {"now": one["would_be"] or one["why"], "version": one["fees_version"]}
        put(tr(template).format(number=one["number"], place=one["place"], quote=one["quote"], **said))


def _price(price: Price) -> str:
    from repairdesk.domain.money import yuan

    if price.low is None or price.high is None:
        return word("on-quote")
    if price.kind == "free":
        return word("free", "price")
    return yuan(price.low) if price.low == price.high else f"{yuan(price.low)}–{yuan(price.high)}"


def fee_table(call: Asking, fees: FeeTable) -> None:
    """``fees list``."""
    from repairdesk.domain.money import yuan

    services = [
        {"code": s.code, "name": s.name, "category": s.category, "unit": s.unit, "price": _price_doc(s.price),
         "standard": s.standard} for s in fees.services.values()
    ]  # fmt: skip
    materials = [
        {"code": m.code, "name": m.name, "unit": m.unit, "price": yuan(m.price)} for m in fees.materials.values()
    ]
    if call.json_:
        put_json({"version": fees.version, "currency": fees.currency, "services": services, "materials": materials,
                  "warnings": []})  # fmt: skip
        return
    rows = [[s.code, s.name, s.category, s.unit, _price(s.price)] for s in fees.services.values()]
    rows += [[m.code, m.name, word("material"), m.unit, yuan(m.price)] for m in fees.materials.values()]
    table(("code", "name", "category", "unit", "price"), rows)


def _price_doc(price: Price) -> Any:
    from repairdesk.domain.money import yuan

    if price.kind == "range" and price.low is not None and price.high is not None:
        return {"from": yuan(price.low), "to": yuan(price.high)}
    return price.kind if price.low is None or price.kind == "free" else yuan(price.low)


def policies(call: Asking, rules: Policies) -> None:
    """``policies show``."""
    owed = [
        {"id": o.id, "name": o.name, "rule": o.rule, "owner": o.owner, "starts": list(o.starts), "meets": list(o.meets),
         "within": dict(o.within), "source": o.source} for o in rules.obligations
    ]  # fmt: skip
    if call.json_:
        may = {verb: list(roles) for verb, roles in rules.may.items()}
        put_json({"version": rules.version, "preset": rules.preset, "zone": rules.zone, "may": may, "obligations": owed,
                  "categories": {c.code: c.name for c in rules.categories.values()}, "warnings": []})  # fmt: skip
        return
    put(f"{rules.version}  {rules.preset}  {rules.zone}")
    rows = [[o.id, word(o.name), o.rule, word(o.owner), _within(o), o.source] for o in rules.obligations]
    table(("id", "name", "rule", "owner", "within", "source"), rows)


def _within(rule: ObligationRule) -> str:
    """When an obligation is due: within so long, by a time of day, ahead of the appointment, in each period …"""
    if rule.each is not None:
        return tr(N_("{times} × each {period}")).format(times=rule.times, period=word(rule.each, "period"))
    if rule.by_day is not None:
        return tr(N_("by the {day}. of the next month")).format(day=rule.by_day)
    if rule.anchor in ("next", "call"):
        return tr(N_("at the time that was named"))
    if rule.by is not None:
        hour = f"{rule.by // 3600:02}:{rule.by % 3600 // 60:02}"
        if rule.days_after:
            return tr(N_("by {hour}, {days} d later")).format(hour=hour, days=rule.days_after)
        return tr(N_("by {hour}")).format(hour=hour)
    if rule.lead:
        return tr(N_("{minutes} min before the appointment")).format(minutes=rule.lead // 60)
    return " / ".join(_long(seconds) for seconds in rule.within.values())


def _long(seconds: int) -> str:
    """A time allowed, as the policies would say it: in whole days, else in hours and less."""
    days, rest = divmod(seconds, 86_400)
    return duration(seconds) if rest or not days else tr(N_("{n}d")).format(n=days)
