"""Who answers where no language model is set: a partner for each scenario, and a helper with words and phrases.

A script remembers nothing: all that it needs to know is in the conversation, so the same one is answered alike in every
process. What is said of a scene is in ``scripts/*.toml``.
"""

from __future__ import annotations

import asyncio
import math
import re
import tomllib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from casebase.modules.practice.prompts import scene_of

_WORD_S: Final = 0.02
_CLOSING_TURN: Final = 7
"""The answer from which a partner leads to an end: the fifteenth message."""
_LAST_TURN: Final = 12
_FAREWELL: Final = re.compile(
    r"\btsch(ü|ue)(ss|ß)|auf wiedersehen|\bciao\b|\b(good)?bye\b|mach'?s gut"
    r"|(^|[,.!]\s*|\b(dann|also|und|danke)\s+)(gute nacht|schönen (tag|abend)|bis (bald|dann|später|morgen|\w+tag)\b)"
    r"|schönen (tag|abend) (noch|ihnen|dir)|(noch|ihnen|dir|euch|auch|und) einen schönen (tag|abend)"
)
_AGAIN: Final = re.compile(
    r"versteh\w* (\w+ )?nicht|nicht verstanden|don'?t understand|wie bitte|langsamer|wiederholen"
    r"|^(\w+,? ){0,2}noch ?(ein)?mal\W*(bitte)?\W*$|noch ?(ein)?mal (bitte )?(sagen|erklären)"
    r"|(sag|erklär)\w* .*noch ?(ein)?mal"
)
_PRICE: Final = re.compile(r"kost(et|en)|preis|wie ?viel|teuer")
_ENGLISH: Final = re.compile(
    r"\b(the|you|your|what|how|much|would|like|want|please|can|have|hello|with|and|are|is|it|don't|sorry|speak)\b"
)
_GERMAN: Final = re.compile(
    r"\b(ich|sie|du|ist|und|das|die|der|eine?n?|wie|was|bitte|mit|hallo|haben?|nicht|möchten?)\b"
)
_REFUSED: Final = re.compile(r"\b(?:keine?[nmrs]?|nicht|ohne)\b.*?(?=[,.;!?]| und | aber | sondern |$)")
_NO: Final = re.compile(r"^(nein|nee|nö)\b")
_YES: Final = re.compile(r"^(ja|gern|okay|ok|natürlich|klar|genau|super|gut)\b")

# What is wanted of goods
_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")
_MENTIONED: Final = re.compile(
    r"\bhabe\b.*\bschon\b|\bzu hause\b"
    r"|\b(ich|er|sie|wir|mutter|vater|frau|mann|kinder) (mag|mögen|lieb\w+|hatten?|esse|kenne)\b"
    r"|\b(sehen|sieht|riechen|riecht) .*aus\b|\b(sind|ist|war|waren|schmeck\w+|gefallen|gefällt)\b"
)
"""Goods in such a part of a sentence are talked about; nobody orders them."""
_ORDERED: Final = re.compile(
    r"\b(bitte|möchten?|nehmen?|hätten?|brauchen?|gern|gerne|will|wollen|kaufen|kaufe|geben sie|gib)\b"
)
_OFFER: Final = re.compile(r"(nehmen|möchte\w*) [^.?]*(mit|dazu|davon|das)\?")
_MAY_I_HAVE: Final = re.compile(
    r"\b(kann|könnte|darf|dürfte|können|könnten) (ich|wir)\b.*\b(haben|bekommen|kriegen|kaufen)\b|\bbitte\?"
)
_NUMBERS: Final = {
    "einen": 1, "einem": 1, "eine": 1, "eins": 1, "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
    "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12, "zwanzig": 20, "einmal": 1,
    "zweimal": 2, "dreimal": 3, "eineinhalb": 1.5, "anderthalb": 1.5, "ein halbes": 0.5, "eine halbe": 0.5,
    "einen halben": 0.5, "halbes": 0.5, "½": 0.5, "ein paar": 4,
}  # fmt: skip
_GRAMS: Final = {"kilo": 1000, "kg": 1000, "pfund": 500, "gramm": 1, "g": 1}
_PIECE_GRAMS: Final = 150
"""What one of the goods weighs about that are sold by the kilo: people ask for three tomatoes."""
_AMOUNT: Final = (
    rf"\b(\d{{1,4}}(?:[.,]\d{{1,2}})?|(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b)\s*"
    r"(?:(kilo\w*|kg|pfund|gramm|g|schalen?|bund|packung(?:en)?|portion(?:en)?|köpfe|kopf|strauß|sträuße|stücke?|mal|x)\b)?"
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


@dataclass(slots=True)
class _Basket:
    """What somebody ordered: how many units of which goods, and what the last words were about."""

    goods: Sequence[Mapping[str, Any]]
    units: dict[str, float] = field(default_factory=dict)
    is_about: bool = False
    """Whether something was asked for by the piece that is sold by the kilo: nobody knows its weight yet."""
    meant: Mapping[str, Any] | None = None
    ordered: list[str] = field(default_factory=list)
    """What was ordered with the last message."""
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    """Whose price or presence the last message asked for."""

    def hear(self, offered: str, text: str) -> None:
        """Add what a message orders, which answers what was ``offered`` before."""
        self.ordered, self.asked = [], []
        offers = next(filter(None, map(self.named, reversed(_SENTENCE.findall(offered)))), [])
        if len(offers) == 1:
            self.meant = offers[0]
        wanted = _REFUSED.sub(" ", text)
        sentences = [str(sentence) for sentence in _SENTENCE.findall(re.sub(r"(\d)\.(\d)", r"\1,\2", wanted))]
        # Somebody who says two words at a stall names what they want.
        is_order = bool(
            _ORDERED.search(wanted)
            or _YES.search(text)
            or re.search(_AMOUNT, wanted)
            or len(wanted.split()) <= 3
        )
        if "?" not in text:
            for refused in self.named(" ".join(_REFUSED.findall(text))):
                self.units.pop(refused["name"], None)
        for sentence in sentences:
            if _PRICE.search(sentence) or ("?" in sentence and not _MAY_I_HAVE.search(sentence)):
                self.asked += (named := self.named(sentence)) or self._pointed_at(sentence)
                self.meant = named[-1] if named else self.meant
            elif is_order:
                self._take(offered, sentence)
        if not self.ordered and not self.asked and (named := self.named(wanted)):
            self.meant = named[-1]

    def named(self, text: str) -> list[Mapping[str, Any]]:
        """Return the goods that a text names."""
        return [goods for goods in self.goods if re.search(rf"\b(?:{goods['heard']})\b", text)]

    def _pointed_at(self, sentence: str) -> list[Mapping[str, Any]]:
        # Of what was ordered, "was kostet das" asks for the sum.
        found = re.search(r"kost\w+ (?:(er|sie|es)|das|die|der)\b(?! alles| zusammen)", sentence)
        return (
            [self.meant]
            if found and self.meant and (found[1] or self.meant["name"] not in self.units)
            else []
        )

    def total(self) -> float:
        """Return what it costs, in cents."""
        total: float = sum(
            self.units[goods["name"]] * goods["price"] for goods in self.goods if goods["name"] in self.units
        )
        return round(total, -1) if self.is_about else total

    def _take(self, offered: str, sentence: str) -> None:
        parts = re.split(r",(?!\d)|;|\baber\b", sentence)
        wanted = ", ".join(part for part in parts if not _MENTIONED.search(part) or _ORDERED.search(part))
        named = self.named(wanted)
        for goods in named:
            found = re.search(
                rf"(?:{_AMOUNT}\s*(?:von de[nmr]\s+)?(?:\w{{2,20}}e[nrs]?\s+){{0,2}})?\b(?:{goods['heard']})\b",
                wanted,
            )
            self._put(goods, found, wanted)
        if named:
            return
        mentioned = self.named(sentence)
        # "Ja, ein Kilo bitte" is said of what was talked about.
        meant = mentioned[-1] if mentioned else self.meant
        if meant is None:
            return
        if (found := re.search(_AMOUNT, wanted)) and (found[2] or re.search(r"\b(bitte|nehme)\b", wanted)):
            self._put(meant, found, wanted)
        elif _YES.search(wanted.strip()) and _OFFER.search(offered):
            self._put(meant, None, wanted)

    def _put(self, goods: Mapping[str, Any], found: re.Match[str] | None, sentence: str) -> None:
        name, number = goods["name"], found[1] if found else None
        units = self._units(goods, number, (found[2] or "") if found else "")
        before = self.units.get(name, 0) if re.search(r"\b(noch|dazu|mehr)\b", sentence) and number else 0
        self.units[name] = before + units
        self.ordered.append(name)
        self.meant = goods

    def _units(self, goods: Mapping[str, Any], number: str | None, measure: str) -> float:
        amount = 1.0 if number is None else float(_NUMBERS.get(number) or number.replace(",", "."))
        is_weighed, pack = goods.get("weighs") == 1000, goods.get("pack", 1)
        if grams := _GRAMS.get("kilo" if measure.startswith("kilo") else measure):
            weight = float(amount * grams / goods.get("weighs", 1000))
            return weight if is_weighed else max(1, math.ceil(weight))
        if number is not None and is_weighed:
            self.is_about = True
            return amount * _PIECE_GRAMS / 1000
        # Nobody opens a pack.
        return math.ceil(amount / pack) if not measure or measure.startswith("stück") else amount


@dataclass(frozen=True, slots=True)
class _Scene:
    """What was said so far: the partner's lines, all of the learner's words, and what they ordered."""

    script: Mapping[str, Any]
    said: Sequence[str]
    told: str
    basket: _Basket

    @property
    def sum(self) -> str:
        """What the order costs; empty where there is none."""
        if not (total := self.basket.total()):
            return ""
        about = "etwa " if self.basket.is_about else ""
        return str(self.script["sum"]).format(total=about + _euros(max(1, round(total))))

    @property
    def is_priced(self) -> bool:
        """Whether the sum was told."""
        return "sum" in self.script and self._was_said(self.script["sum"].partition("{")[0])

    @property
    def is_ending(self) -> bool:
        """Whether the partner began to lead to an end, which nothing leads away from."""
        return self.is_priced or any(self._was_said(_text(line)) for line in self.script["closing"])

    @property
    def farewell(self) -> str:
        """How the partner says goodbye, to who bought something or to who did not."""
        is_bare = self.basket.goods and not self.basket.units
        return str(self.script["farewell_without" if is_bare else "farewell"])

    def next_of(self, lines: Sequence[str | Mapping[str, Any]]) -> str:
        """Return the line that follows the last one that was said; none about what was told, or of no order."""
        following: list[str] = []
        for line in lines:
            text = _text(line)
            if self.is_priced if "{sum}" in text else self._was_said(text):
                following = []
            elif isinstance(line, str) or (
                (self.basket.units or not line.get("of_order"))
                and not ("unless" in line and re.search(line["unless"], self.told))
            ):
                following.append(text)
        return following[0].replace("{sum}", self.sum) if following else ""

    def closing(self) -> str:
        """Return how it goes on for who wants no more."""
        # The first line asks whether that is all, which was just said.
        return self.next_of(self.script["closing"][1:]) or self.farewell

    def _was_said(self, text: str) -> bool:
        return any(text in earlier for earlier in self.said)


def _text(line: str | Mapping[str, Any]) -> str:
    return line if isinstance(line, str) else str(line["says"])


def _partner(script: Mapping[str, Any], messages: Sequence[Mapping[str, str]]) -> str:
    said = [message["content"] for message in messages if message["role"] != "user"]
    told = [message["content"].lower().strip() for message in messages if message["role"] == "user"]
    turn, heard = len(told), told[-1]
    farewells = [script["farewell"], script.get("farewell_without", script["farewell"])]
    if any(farewell in line for line in said for farewell in farewells):
        return str(script["farewell_again"])
    basket = _Basket(script.get("goods", ()))
    offered = ""
    for message in messages:
        if message["role"] == "user":
            basket.hear(offered, message["content"].lower().strip())
        else:
            offered = message["content"].lower()
    scene = _Scene(script, said, " ".join(told), basket)
    if turn >= _LAST_TURN:
        return scene.farewell
    if _FAREWELL.search(heard) and turn > 1:
        # Nobody leaves without having heard what it costs.
        return scene.closing() if basket.units and not scene.is_priced else scene.farewell
    if _AGAIN.search(heard) and not basket.ordered:
        last = said[-1].removesuffix(script["offline"]).strip().removeprefix(script["again"])
        return f"{script['again']} {last.strip()}"

    is_refusing = bool(basket.goods) and turn > 1 and all(_NO.search(text) for text in told[-2:])
    lines = script["closing"] if turn >= _CLOSING_TURN or scene.is_ending or is_refusing else script["course"]
    onward = scene.next_of(lines) or scene.next_of(script["closing"]) or scene.farewell
    if len(_ENGLISH.findall(heard)) > 1 and not _GERMAN.search(heard):
        return f"{script['in_german']} {onward}"
    reaction = _of_goods(script, basket, turn)
    is_paying = bool(re.search(script.get("pays", "$^"), heard))
    if re.search(script["enough"], heard) and not (scene.is_priced and is_paying):
        return f"{reaction} {scene.closing()}".strip()
    if basket.units and scene.is_priced and (basket.ordered or _asks_sum(script, heard, is_paying=is_paying)):
        return f"{reaction} {scene.sum} {onward}".strip()
    if basket.units and _asks_sum(script, heard, is_paying=is_paying) and not basket.asked:
        return f"{reaction} {scene.closing()}".strip()
    reaction = reaction or _of_rules(script, heard, scene)
    # Who was asked something is not asked a second thing; and what leads to an end is not put off for ever.
    return reaction if reaction.endswith("?") else f"{reaction} {onward}".strip()


def _asks_sum(script: Mapping[str, Any], heard: str, *, is_paying: bool) -> bool:
    return not is_paying and bool(re.search(script["asks_sum"], heard))


def _of_rules(script: Mapping[str, Any], heard: str, scene: _Scene) -> str:
    wanted = _REFUSED.sub(" ", heard).strip()
    for rule in script["rules"]:
        if rule.get("is_paying") and not scene.is_priced:
            continue
        says = rule["says"]
        if scene.is_ending and "?" not in heard:
            says = [line for line in says if not _text(line).endswith("?")]
        # What is refused is not wished for; a few rules are about refusals.
        if re.search(rule["heard"], heard if rule.get("refused") else wanted) and (
            line := scene.next_of(says)
        ):
            return line
    return ""


def _of_goods(script: Mapping[str, Any], basket: _Basket, turn: int) -> str:
    names = list(dict.fromkeys(basket.ordered))
    answers = []
    if names:
        listed = " und ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        answers.append(str(script["ordered"][turn % len(script["ordered"])]).format(goods=listed))
    if basket.asked:
        prices = " ".join(goods["costs"].format(price=_euros(goods["price"])) for goods in basket.asked)
        is_new = any(goods["name"] not in basket.units for goods in basket.asked)
        answers.append(str(script["has"]).format(price=prices) if is_new else prices)
    return " ".join(answers)


def _euros(cents: int) -> str:
    euros, rest = divmod(cents, 100)
    if not euros:
        return f"{rest} Cent"
    return f"{euros},{rest:02} Euro" if rest else f"{euros} Euro"


# The helper


def _helper(scene: str, material: Mapping[str, Any]) -> str:
    script = _script("helper")
    question = str(material["helper"][-1]["content"]).lower().replace("’", "'")
    partner = next((m["content"] for m in reversed(material["main"]) if m["role"] != "user"), "")
    words = {**script["words"]["general"], **script["words"].get(scene, {})}
    if re.search(script["asks_for_check"], question):
        return str(script["check"])
    known = _known(words, question)
    for rule in script["grammar"]:
        if re.search(rule["heard"], question):
            return (
                f"{rule['says']} Words: {known}." if known and rule.get("with_words") else str(rule["says"])
            )
    if re.search(script["asks_for_phrases"], question):
        return _phrases(script, scene, material["message_count"])
    if re.search(script["asks_for_meaning"], question):
        again = script["ask_again"]["formal" if scene in script["formal"] else "familiar"]
        if heard := _known(words, partner.lower()):
            return f"In the partner's last message: {heard}. Ask them {again} to hear it again."
        return f"I do not have the words of the partner's last message. Ask them {again}"
    if known:
        return f"{known}."
    return f"{script['unknown']} {_phrases(script, scene, material['message_count'])}"


def _phrases(script: Mapping[str, Any], scene: str, message_count: int) -> str:
    phrases = script["phrases"].get(scene, script["phrases"]["other"])
    part = "early" if message_count < 8 else "later" if message_count < 15 else "ending"
    listed = "; ".join(f"„{german}“ ({english})" for german, english in phrases[part].items())
    return f"You could say: {listed}."


def _known(words: Mapping[str, str], text: str) -> str:
    """Return up to five entries of the dictionary whose English or German words are in a text."""
    entries = {
        english: {_ARTICLE.sub("", form.lower()) for form in re.sub(r"\(.*?\)", "", german).split(", ")}
        | {english, f"{english}s", f"{english}es"}
        for english, german in words.items()
    }
    found = {}
    # Longer ones first: who says "guten Morgen" does not speak of tomorrow.
    for form, english in sorted(
        ((form.strip(), english) for english, forms in entries.items() for form in forms),
        key=lambda entry: (-len(entry[0].split()), list(words).index(entry[1])),
    ):
        text, count = re.subn(rf"(?<![\w'-]){re.escape(form)}(?![\w'-])", "|" if " " in form else form, text)
        if count:
            found[english] = f"{english} = „{words[english]}“"
    return "; ".join(list(found.values())[:5])


_ARTICLE: Final = re.compile(r"^(?:der|die|das) ")
