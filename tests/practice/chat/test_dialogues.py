"""Whole conversations with the scripted partners, as learners lead them: shy, chatty, wrong, refusing, buying nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pytest

from casebase.modules.practice.scripted import scripted_answer

MARKET, PARTY, KEBAB, OTHER = 1, 2, 3, 4
OPENINGS: Final = {
    MARKET: "Guten Morgen! Die Erdbeeren sind ganz frisch, und die Tomaten sind aus der Region. Was darf es sein?",
    PARTY: "Hallo! Ich bin Lena, eine Kollegin von Jonas. Und du, woher kennst du ihn?",
    KEBAB: "Moin! Was kann ich für dich machen? Döner, Dürüm oder lieber Falafel?",
    OTHER: "Guten Tag! Was fehlt Ihnen denn?",
}
FAREWELL: Final = re.compile("Auf Wiedersehen|tschüss|Tschüss|Mach's gut")
CLOSING: Final = re.compile("zusammen|macht dann|oder ist das alles|eine Tüte|Serviette|schon spät")
COURSE: Final = re.compile(
    "Käse probieren|Kochen Sie|Kartoffeln oder|gutes Wetter|ein Brot mit|in der Nähe|Mit Fleisch oder|Salat mit|Welche Soße"
    "|Zum Hieressen|trinken\\?|Pommes dazu|Spiel gesehen|noch\\?$|aus Hamburg|beruflich|woher kommst|Freizeit|Welche Musik"
)


def answers_to(scenario_id: int, lines: Sequence[str]) -> list[str]:
    messages = [{"role": "scenario", "content": OPENINGS[scenario_id]}]
    for line in lines:
        messages.append({"role": "user", "content": line})
        material = {"scenario_id": scenario_id, "main": messages, "message_count": len(messages)}
        messages.append({"role": "scenario", "content": scripted_answer("main", material)})
    return [message["content"] for message in messages[2::2]]


DIALOGUES: Final[dict[str, tuple[int, list[tuple[str, str]]]]] = {
    "a customer with a list": (
        MARKET,
        [
            ("Guten Morgen! Ich möchte bitte Äpfel kaufen.", "Äpfel"),
            ("Ein Kilo Äpfel, bitte. Und wie viel kosten die Erdbeeren?", "Äpfel.*3,50 Euro die Schale"),
            ("Dann nehme ich zwei Schalen Erdbeeren.", "Erdbeeren"),
            ("Ja, ich möchte probieren.", "probieren Sie"),
            ("Er schmeckt sehr gut. Ich nehme ein Stück.", "Käse"),
            ("Haben Sie auch Bananen?", "Obst aus der Region"),
            ("Nein, danke. Das ist alles. Was kostet das zusammen?", "13,90 Euro"),
            ("Ich zahle mit Karte.", "Geheimzahl"),
            ("Ich habe eine Tasche.", "Vielen Dank für Ihren Einkauf"),
            ("Vielen Dank! Auf Wiedersehen!", "bis zum nächsten Mal"),
        ],
    ),
    "a shy customer": (
        MARKET,
        [
            ("Hallo", "Schön, dass Sie da sind"),
            ("Haben Sie Tomaten?", "3,20 Euro das Kilo.*etwas davon"),
            ("Ja, ein Kilo bitte.", "Tomaten"),
            ("Haben Sie Milch?", "leider nicht"),
            ("Das war alles", "3,20 Euro"),
            ("Hier sind 20 Euro", "Wechselgeld"),
            ("Nein, keine Tüte", "Auf Wiedersehen"),
        ],
    ),
    "somebody who just looks": (
        MARKET,
        [
            ("Hallo", ""),
            ("Ich schaue nur", "in Ruhe"),
            ("Nein danke", "Kein Problem"),
            ("Nein", "alles"),
            ("Nein", "schauen Sie gern wieder vorbei"),
        ],
    ),
    "somebody who changes their mind": (
        MARKET,
        [
            ("Ich möchte 2 Kilo Äpfel und ein Brot", "Äpfel und Brot"),
            ("Entschuldigung, doch nur ein Kilo Äpfel", "Äpfel"),
            ("Und doch kein Brot, bitte.", ""),
            ("Noch einmal zwei Kilo Äpfel für meine Mutter", "^(?!Gern noch einmal).*Äpfel"),
            ("Was macht das?", "7,50 Euro"),
            ("Ach, und zwei Gurken bitte", "Gurken.*9,30 Euro"),
            ("Was kostet das zusammen?", "9,30 Euro"),
            ("Tschüss!", "Auf Wiedersehen"),
        ],
    ),
    "somebody who leaves without paying": (
        MARKET,
        [("Hallo", ""), ("Ein Kilo Birnen, bitte. Tschüss!", "2,80 Euro"), ("Bar. Tschüss!", "Auf Wiedersehen")],
    ),
    "a hungry customer": (
        KEBAB,
        [
            ("Hallo! Einen Döner bitte.", "Döner.*Mit Fleisch"),
            ("Mit Fleisch. Was kostet er?", "7,50 Euro"),
            ("Mit allem, aber ohne Zwiebeln.", "lasse ich weg"),
            ("Ich nehme eine Cola.", "Cola"),
            ("Das ist alles", "10 Euro"),
            ("15 Euro, stimmt so", "Wechselgeld"),
            ("Danke", "Guten Appetit"),
        ],
    ),
    "somebody who refuses": (
        KEBAB,
        [
            ("Einen Döner ohne Tomaten", "Döner"),
            ("ohne Soße", "^(?!.*Kräutersoße)"),
            ("nicht scharf", "^(?!.*[Ss]charf, sehr)"),
            ("kein Knoblauch", "^(?!.*leider gerade aus)"),
            ("ich habe keine Karte, nur bar", "^(?!.*Karte)"),
            ("Nein, das ist alles.", "7,50 Euro"),
            ("Nein, bar", "Wechselgeld"),
            ("Nein", "Guten Appetit"),
        ],
    ),
    "a vegetarian": (
        KEBAB,
        [
            ("Ich bin Vegetarier", "Falafel oder Halloumi"),
            ("Haben Sie eine Karte?", "Ich empfehle"),
            ("Falafel im Brot", "^(?!.*Mit Fleisch oder).*Falafel"),
            ("Haben Sie Bier?", "leider nicht"),
            ("Ich möchte zahlen.", "6,50 Euro"),
            ("Mit Karte", "Halt sie"),
            ("Ja", "Guten Appetit"),
        ],
    ),
    "a guest who tells": (
        PARTY,
        [
            ("Er ist mein Bruder.", "daher kennt ihr euch"),
            ("Ich hatte einen schönen Tag und ich habe gut gegessen.", "^(?!.*tschüss)"),
            ("Ich wohne in Berlin", "^(?!.*noch nie).*Berlin"),
            ("Ich bin gerade nicht so glücklich", "^(?!.*(Sport|Freut mich)).*leid"),
            ("Ich probiere den Kuchen", "^(?!.*zu trinken)"),
            ("Ich muss leider gehen.", "Kaffee"),
            ("Ja, gern!", "Samstag"),
            ("Bis Samstag, tschüss!", "tschüss"),
        ],
    ),
    "a guest who asks": (
        PARTY,
        [
            ("Hallo", "reden"),
            ("Wie bitte?", "Ich habe gesagt"),
            ("Wie bitte?", "^Klar(?!.*Klar).*Ich habe gesagt"),
            ("Wie alt bist du?", "einunddreißig"),
            ("Hast du einen Freund?", "allein"),
            ("Wie heißt dein Chef?", "Frage"),
            ("Gute Nacht", "tschüss"),
        ],
    ),
    "a patient": (
        OTHER,
        [
            ("Ich habe Kopfschmerzen", ""),
            ("Was soll ich tun?", "Frage"),
            ("Nein, das ist alles", "bald wieder"),
            ("Ja", "Auf Wiedersehen"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALOGUES)
class TestDialogue:
    def test_reads_as_a_conversation(self, name: str) -> None:
        scenario_id, turns = DIALOGUES[name]
        answers = answers_to(scenario_id, [said for said, _ in turns])
        for (said, expected), answer in zip(turns, answers, strict=True):
            assert re.search(expected, answer), f"{said!r} was answered {answer!r}"

    def test_never_begins_anew_after_it_led_to_an_end(self, name: str) -> None:
        scenario_id, turns = DIALOGUES[name]
        answers = answers_to(scenario_id, [*(said for said, _ in turns), "Ja", "ok", "Danke"])
        ends = next(
            n for n, answer in enumerate(answers) if CLOSING.search(answer) or FAREWELL.search(answer)
        )
        assert not [answer for answer in answers[ends + 1 :] if COURSE.search(answer)]
        assert FAREWELL.search(answers[-1])


@pytest.mark.parametrize(
    ("said", "sum_"),
    [
        ("Ich möchte sechs Eier", "3,60 Euro"),
        ("Zwölf Eier, bitte", "7,20 Euro"),
        ("Ich nehme 1,5 Kilo Birnen", "4,20 Euro"),
        ("Eineinhalb Kilo frische Birnen, bitte", "4,20 Euro"),
        ("500 Gramm Tomaten bitte", "1,60 Euro"),
        ("500g Tomaten", "1,60 Euro"),
        ("Ein halbes Kilo von den Tomaten, bitte", "1,60 Euro"),
        ("drei Tomaten und vier Äpfel bitte", "etwa 2,90 Euro"),
        ("Kann ich bitte zwei Kilo Äpfel haben?", "5 Euro"),
        ("Ich mag Erdbeeren, ich nehme zwei Schalen.", "7 Euro"),
        ("Ich hätte gern ein Pfund Äpfel, aber keine Birnen", "1,25 Euro"),
    ],
)
def test_the_bill_is_right(said: str, sum_: str) -> None:
    assert f"zusammen {sum_}" in answers_to(MARKET, [said, "Das ist alles"])[1]


@pytest.mark.parametrize(
    "said",
    [
        "Ich habe schon Tomaten zu Hause",
        "Ich mag Erdbeeren",
        "Die Erdbeeren sehen gut aus",
        "Meine Mutter mag Blumen",
        "Was kosten die Äpfel?",
        "Ich möchte keine Äpfel",
    ],
)
def test_nobody_pays_for_what_they_talk_about(said: str) -> None:
    assert "Euro" not in answers_to(MARKET, [said, "Das ist alles"])[1]
