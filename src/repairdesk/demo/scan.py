"""A signed slip as an office scanner would make one: a page of PDF, drawn line by line, so that none is shipped."""

from __future__ import annotations

_RULES = range(250, 520, 30)
_SIGNATURE = (
    "1.6 w 0.1 0.1 0.45 RG "
    "255 92 m 262 120 275 132 279 112 c 283 92 262 84 268 100 c 276 124 300 130 304 108 c "
    "307 92 292 92 298 104 c 306 120 326 122 330 104 c 334 90 346 96 372 112 c S"
)


def signed_slip(number: str) -> bytes:
    """The page of an order, the size of half a sheet, with the same bytes each time."""
    lines = "".join(f"36 {y} m 384 {y} l " for y in _RULES)
    drawn = (
        f"0.8 w 36 230 348 300 re S 0.4 w {lines}S 150 230 m 150 530 l S "
        f"BT /F 15 Tf 36 552 Td ({number}) Tj ET BT /F 9 Tf 200 72 Td (signed) Tj ET "
        f"0.4 w 240 84 m 384 84 l S {_SIGNATURE}"
    )
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(drawn)}>>\nstream\n{drawn}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    file, places = "%PDF-1.4\n", list[int]()
    for n, one in enumerate(objects, start=1):
        places.append(len(file))
        file += f"{n} 0 obj\n{one}\nendobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{len(file)}\n%%EOF\n"
    return f"{file}xref\n0 {size}\n0000000000 65535 f \n{rows}{end}".encode("ascii")
