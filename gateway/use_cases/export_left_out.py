"""What an export does not have, said in it: of each scope and form the same list, with the categories of the pack in words."""

from __future__ import annotations

from gateway.use_cases.export_content import category_words
from gateway.use_cases.house import House
from schemas.categories import MESSAGE_CATEGORIES
from schemas.exports_own import left_out
from schemas.package import Said


def left_out_of(house: House, scope: str, form: str) -> tuple[Said, ...]:
    """Each thing with why; `scope` is own, own_case, case or thread."""
    return left_out(scope, form, kept_back(house))


def kept_back(house: House) -> tuple[str, str]:
    """The categories that no program lets out by itself, in Russian and in English words."""
    never = house.pack.never_automatic()
    words = [category_words(house, category) for category in MESSAGE_CATEGORIES if category in never]
    return ", ".join(ru for ru, _ in words), ", ".join(en for _, en in words)
