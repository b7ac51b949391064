"""Who answers where no language model is set: a partner for each scenario, and a helper with words and phrases.

A script remembers nothing: all that it needs to know is in the conversation, so the same one is answered alike in every
process. What is said of a scene is in ``scripts/*.toml``.
"""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from casebase.modules.practice.prompts import scene_of

_WORD_S: Final = 0.02
_CLOSING_TURN: Final = 7
"""The answer from which a partner leads to an end: the fifteenth message."""
_LAST_TURN: Final = 12
_FAREWELL: Final = re.compile(
    r"\btsch(ü|ue)(ss|ß)|auf wiedersehen|\bciao\b|bis (bald|dann|später)|schönen (tag|abend)|mach'?s gut|gute nacht"
)
_AGAIN: Final = re.compile(
    r"versteh\w* (\w+ )?nicht|nicht verstanden|wie bitte|noch ?(ein)?mal|langsamer|wiederholen"
)
_PRICE: Final = re.compile(r"kost|preis|wie ?viel|teuer")
_ENGLISH: Final = re.compile(
    r"\b(the|you|your|what|how|much|would|like|want|please|can|have|hello|with|and|are|is|it)\b"
)
_GERMAN: Final = re.compile(
    r"\b(ich|sie|du|ist|und|das|die|der|eine?n?|wie|was|bitte|mit|hallo|haben?|nicht|möchten?)\b"
)
_REFUSED: Final = re.compile(r"\b(?:keine?n?|nicht|ohne)\b.*?(?=[,.;!]| und | aber |$)")
_AMOUNTS: Final = {
    "halbes": 0.5, "einen": 1, "eine": 1, "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "zehn": 10
}  # fmt: skip
_AMOUNT: Final = (
    rf"(?:\b(\d{{1,2}}|{'|'.join(_AMOUNTS)})\s+(kilo\w*|kg|pfund|schalen?|bund|stück|köpfe|strauß|mal)?\s*)?"
    r"(?:\w{2,20}e[nrs]?\s+)?"
)


async def scripted_pieces(chat_type: str, material: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """Yield an answer word by word, at the pace of somebody who types fast; the same for the same material."""
    words = scripted_answer(chat_type, material).split(" ")
    for number, word in enumerate(words, 1):
        yield word if number == len(words) else f"{word} "
        await asyncio.sleep(_WORD_S)


def scripted_answer(chat_type: str, material: Mapping[str, Any]) -> str:
    """Return what is answered in a chat; ``material`` is what ``start_answer`` returns."""
    scene = scene_of(material["scenario_id"])
    if chat_type == "helper":
        answer = _helper(scene, material)
        notice: str = _script("helper")["offline"]
    else:
        answer = _partner(_script(scene), material["main"])
        notice = _script(scene)["offline"]
    is_told = any(notice in said["content"] for said in material[chat_type])
    return answer if is_told else f"{answer} {notice}"


@cache
def _script(name: str) -> dict[str, Any]:
    text = files("casebase.modules.practice").joinpath("scripts", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


# The partner


@dataclass(frozen=True, slots=True)
class _Scene:
    """What was said so far: the partner's lines, all of the learner's words, and the sum of what they ordered."""

    said: Sequence[str]
    told: str
    total: float

    def next_of(self, lines: Sequence[str | Mapping[str, str]]) -> str:
        """Return the line that follows the last one that was said; none about what was told, or of no sum."""
        following: list[str] = []
        for line in lines:
            text, answered = (line, None) if isinstance(line, str) else (line["says"], line["unless"])
            # A sum may have grown since it was told.
            if any(text.partition("{")[0] in earlier for earlier in self.said):
                following = []
            elif not ("{total}" in text and not self.total) and not (
                answered and re.search(answered, self.told)
            ):
                following.append(text)
        return following[0].format(total=_euros(round(self.total))) if following else ""


def _partner(script: Mapping[str, Any], messages: Sequence[Mapping[str, str]]) -> str:
    said = [message["content"] for message in messages if message["role"] != "user"]
    told = [message["content"].lower() for message in messages if message["role"] == "user"]
    turn, heard = len(told), told[-1]
    if any(script["farewell"] in line for line in said):
        return str(script["farewell_again"])
    if turn >= _LAST_TURN or (_FAREWELL.search(heard) and turn > 1):
        return str(script["farewell"])
    if _AGAIN.search(heard):
        return f"{script['again']} {said[-1].removesuffix(script['offline']).strip()}"

    scene = _Scene(said, " ".join(told), sum(_ordered(script, text) for text in told))
    lines = script["closing"] if turn >= _CLOSING_TURN else script["course"]
    onward = scene.next_of(lines) or scene.next_of(script["closing"]) or script["farewell"]
    if len(_ENGLISH.findall(heard)) > 1 and not _GERMAN.search(heard):
        return f"{script['in_german']} {onward}"
    reaction = _of_goods(script, heard, turn) or _of_rules(script, heard, scene)
    # Who was asked something is not asked a second thing; and what leads to an end is not put off for ever.
    if reaction.endswith("?") or reaction.startswith(script["farewell"]):
        return reaction
    return f"{reaction} {onward}".strip()


def _of_rules(script: Mapping[str, Any], heard: str, scene: _Scene) -> str:
    for rule in script["rules"]:
        if re.search(rule["heard"], heard):
            if rule["says"] == ["@closing"]:
                # The first of them asks whether that is all, which was just said.
                return scene.next_of(script["closing"][1:]) or str(script["farewell"])
            if line := scene.next_of(rule["says"]):
                return line
    return ""


def _of_goods(script: Mapping[str, Any], heard: str, turn: int) -> str:
    wanted = _REFUSED.sub(" ", heard)
    named = [goods for goods in script.get("goods", ()) if re.search(rf"\b(?:{goods['heard']})\b", wanted)]
    if not named:
        return ""
    prices = " ".join(goods["costs"].format(price=_euros(goods["price"])) for goods in named)
    if _PRICE.search(heard):
        return prices
    if "?" in heard:
        return str(script["has"]).format(price=prices)
    names = [goods["name"] for goods in named]
    listed = " und ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return str(script["ordered"][turn % len(script["ordered"])]).format(goods=listed)


def _ordered(script: Mapping[str, Any], text: str) -> float:
    """Return what somebody ordered with a message, in cents."""
    if "?" in text or _PRICE.search(text):
        return 0
    text = _REFUSED.sub(" ", text)
    total = 0.0
    for goods in script.get("goods", ()):
        if found := re.search(rf"{_AMOUNT}\b(?:{goods['heard']})\b", text):
            number, measure = found[1] or "1", found[2] or ""
            amount = _AMOUNTS.get(number) or int(number)
            if measure == "pfund":
                amount /= 2
            elif not measure and amount >= goods.get("pack", 100):
                amount /= goods["pack"]
            total += amount * goods["price"]
    return total


def _euros(cents: int) -> str:
    euros, rest = divmod(cents, 100)
    if not euros:
        return f"{rest} Cent"
    return f"{euros},{rest:02} Euro" if rest else f"{euros} Euro"


# The helper


def _helper(scene: str, material: Mapping[str, Any]) -> str:
    script = _script("helper")
    question = str(material["helper"][-1]["content"]).lower()
    partner = next((m["content"] for m in reversed(material["main"]) if m["role"] != "user"), "")
    words = {**script["words"]["general"], **script["words"].get(scene, {})}
    if re.search(script["asks_for_check"], question):
        return str(script["check"])
    for rule in script["grammar"]:
        if re.search(rule["heard"], question):
            return str(rule["says"])
    if re.search(script["asks_for_phrases"], question):
        return _phrases(script, scene, material["message_count"])
    if re.search(script["asks_for_meaning"], question) and (known := _known(words, partner.lower())):
        return f"In the partner's last message: {known}. Ask them „Können Sie das bitte wiederholen?“ to hear it again."
    if known := _known(words, question):
        return f"{known}."
    return f"{script['unknown']} {_phrases(script, scene, material['message_count'])}"


def _phrases(script: Mapping[str, Any], scene: str, message_count: int) -> str:
    phrases = script["phrases"].get(scene, script["phrases"]["other"])
    part = "early" if message_count < 8 else "later" if message_count < 15 else "ending"
    listed = "; ".join(f"„{german}“ ({english})" for german, english in phrases[part].items())
    return f"You could say: {listed}."


def _known(words: Mapping[str, str], text: str) -> str:
    """Return up to five entries of the dictionary whose English or German word is in a text."""
    heard = set(re.findall(r"[\w'-]+", text))
    found = []
    for english, german in words.items():
        forms = {english, f"{english}s", f"{english}es"}
        forms |= {form for form in re.findall(r"[\w'-]+", german.lower()) if form not in _ARTICLES}
        # Of what is said in several words, all of them.
        if forms & heard or (" " in english and english in text):
            found.append(f"{english} = „{german}“")
    return "; ".join(found[:5])


_ARTICLES: Final = frozenset(
    ("der", "die", "das", "ein", "eine", "sich", "etwas", "ich", "sie", "es", "zu", "mit")
)
