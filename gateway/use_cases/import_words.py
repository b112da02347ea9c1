"""What a report repeats of the sender's own words (headings, names of elements) rests sealed under a key of the import's own.

Nobody can know what stands in a heading: a journal with a column for each child has their names there. Numbers, rules and
identifiers of records stay open; the words go when the organisation removes them, and with the results in time.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.use_cases.house import House
from gateway.use_cases.import_values import ImportStep
from gateway.vault.import_words import ImportWords

WORDS: Final = "words"
"""The member of a JSON value that holds its sealed ones."""
_WORDY: Final = ("complaints", "dropped", "losses")
_END: Final = 0
"""The number of the step that is no step: the report of an import that has ended, whole."""


@dataclass(frozen=True, slots=True)
class SealedReport:
    """Takes what is to be kept of one import, and gives back what was. Without a key (it is forgotten) words are left out."""

    words: ImportWords | None

    def step(self, first: int, results: Sequence[Mapping[str, Any]]) -> ImportStep:
        """Of records `first` and following, as it is stored."""
        said = {str(at): found for at, result in enumerate(results) if (found := _some(result, _WORDY))}
        kept = [_rest(result, _WORDY) for result in results]
        if said and self.words is not None:
            kept[0][WORDS] = _sealed(self.words, said, str(first))
        return ImportStep(first, kept)

    def open_step(self, step: ImportStep) -> ImportStep:
        """The reverse. Raises SealBroken."""
        if not step.results or WORDS not in step.results[0]:
            return step
        results = [_rest(result, (WORDS,)) for result in step.results]
        if self.words is not None:
            said = _opened(self.words, step.results[0][WORDS], str(step.first))
            for at, found in said.items():
                results[int(at)] |= found
        return ImportStep(step.first, results)

    def open_steps(self, steps: Iterable[ImportStep]) -> Iterator[ImportStep]:
        """Each of them."""
        return map(self.open_step, steps)

    def end(self, said: Mapping[str, Any]) -> ImportStep:
        """The report of an import that has ended: it is read as often as anybody likes, and need not be put together again."""
        return self.step(_END, [said])


def without_words(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What of a JSON value may rest open."""
    return _rest(said, _WORDY)


def sealed_report(house: House, import_id: str, *, new: bool = False) -> SealedReport:
    """`new`: its key is made where it has none."""
    return SealedReport(house.vault.import_words(import_id, new=new))


def _some(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value[name] for name in names if value.get(name)}


def _rest(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: found for name, found in value.items() if name not in names}


def _sealed(words: ImportWords, said: object, place: str) -> str:
    return base64.b64encode(words.seal(orjson.dumps(said), place)).decode("ascii")


def _opened(words: ImportWords, sealed: str, place: str) -> dict[str, Any]:
    opened: dict[str, Any] = orjson.loads(words.open(base64.b64decode(sealed), place))
    return opened
