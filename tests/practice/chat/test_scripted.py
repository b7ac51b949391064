"""Without a model a script answers: it reacts to what is said, goes through a sensible course, and ends by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import asyncpg
import pytest

from casebase.modules.practice.scripted import scripted_answer
from tests.practice.chat.conftest import StartProcess, text_of
from tests.practice.conftest import MakeSession, People

FAREWELL = re.compile("Auf Wiedersehen|tschüss|Tschüss|Mach's gut")
GERMAN = re.compile(r"\b(und|oder|mit|was|zum|möchtest|ich|Sie|du|das|der|die|ein|eine|gern|ist|Ihnen|dir)\b")


def converse(scenario_id: int, lines: Sequence[str]) -> list[str]:
    """Say one line after the other; return what the partner answers."""
    messages = [{"role": "scenario", "content": "Guten Tag!"}]
    answers = []
    for line in lines:
        messages.append({"role": "user", "content": line})
        material = {
            "scenario_id": scenario_id,
            "main": messages,
            "helper": [],
            "message_count": len(messages),
        }
        answers.append(scripted_answer("main", material))
        messages.append({"role": "scenario", "content": answers[-1]})
    return answers


def help_with(question: str, *, scenario_id: int = 1, count: int = 3, partner: str = "Guten Tag!") -> str:
    return scripted_answer(
        "helper",
        {
            "scenario_id": scenario_id,
            "main": [{"role": "scenario", "content": partner}],
            "helper": [{"role": "user", "content": question}],
            "message_count": count,
        },
    )


@pytest.mark.parametrize("scenario_id", [1, 2, 3, 4], ids=["marketplace", "party", "kebab", "another"])
class TestEveryPartner:
    @pytest.mark.parametrize(
        "said",
        ["Ja, gern.", "hm", "Nein, danke.", "What do you want?", "🙂", "Ich möchte das nicht."],
        ids=["yes", "hm", "no", "English", "emoji", "refusal"],
    )
    def test_says_goodbye_by_itself_in_time(self, scenario_id: int, said: str) -> None:
        answers = converse(scenario_id, [said] * 14)
        ends = next(n for n, answer in enumerate(answers, 1) if FAREWELL.search(answer))
        assert 2 * ends + 1 <= 25

    def test_speaks_german_and_says_once_that_it_is_offline(self, scenario_id: int) -> None:
        answers = converse(scenario_id, ["Ja"] * 8)
        assert ["offline" in answer for answer in answers] == [True, *[False] * 7]
        assert len(GERMAN.findall(" ".join(answers))) > len(answers)

    def test_says_the_same_to_the_same(self, scenario_id: int) -> None:
        lines = ["Hallo!", "Was kostet das?", "Ich komme aus Spanien.", "Das ist alles."]
        assert converse(scenario_id, lines) == converse(scenario_id, lines)

    def test_repeats_what_was_not_understood(self, scenario_id: int) -> None:
        first, again = converse(scenario_id, ["Hallo!", "Ich verstehe das nicht."])
        assert first.partition(" (")[0] in again

    def test_asks_for_german(self, scenario_id: int) -> None:
        assert "Deutsch" in converse(scenario_id, ["How much is it, please?"])[0]

    def test_says_goodbye_to_who_does(self, scenario_id: int) -> None:
        assert FAREWELL.search(converse(scenario_id, ["Hallo!", "Ich muss los, tschüss!"])[1])


def test_the_seller_knows_prices_and_adds_them_up() -> None:
    answers = converse(
        1,
        [
            "Was kosten die Tomaten?",
            "Dann nehme ich zwei Kilo Tomaten und ein Pfund Äpfel, aber keine Birnen.",
            "Das ist alles, danke.",
            "Mit Karte, bitte.",
        ],
    )
    assert "3,20 Euro das Kilo" in answers[0]
    assert "Äpfel" in answers[1]
    assert "7,65 Euro" in answers[2]
    assert "Karte" in answers[3]


def test_the_cook_asks_for_what_was_not_said_yet() -> None:
    answers = converse(
        3, ["Einen Döner mit Kräutersoße, bitte, zum Mitnehmen.", "Mit Fleisch.", "Eine Cola."]
    )
    assert not any("Soße: " in answer or "Mitnehmen?" in answer for answer in answers)


class TestHelper:
    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("How do I say apple?", "der Apfel"),
            ("what does Kartoffel mean", "potato"),
            ("What can I say?", "Ich hätte gern ein Kilo Äpfel"),
            ("Why is it einen Apfel?", "accusative"),
            ("Is this correct?", "cannot check"),
            ("How much is it?", "Was kostet das?"),
            ("How do I pay?", "Ich möchte bitte zahlen"),
            ("I want to buy onions", "die Zwiebel"),
            ("What does 'darf es sein' mean?", "What would you like?"),
        ],
    )
    def test_knows(self, question: str, answer: str) -> None:
        assert answer in help_with(question)

    def test_explains_the_partners_words(self) -> None:
        assert "fresh = „frisch“" in help_with("I don't understand that", partner="Alles ist frisch.")

    @pytest.mark.parametrize("question", ["What does she say?", "I don’t understand", "translate this"])
    def test_explains_what_was_said_in_each_scene(self, question: str) -> None:
        said = "Moin! Was kann ich für dich machen? Döner, Dürüm oder lieber Falafel?"
        answer = help_with(question, scenario_id=3, partner=said)
        assert "what can I do for you" in answer
        assert "Kannst du" in answer

    @pytest.mark.parametrize(
        ("question", "answer", "wrong"),
        [
            ("What does Guten Morgen mean?", "good morning", "tomorrow"),
            ("Was heißt apple auf Deutsch?", "der Apfel", "Wiedersehen"),
        ],
    )
    def test_takes_words_of_a_phrase_for_nothing_else(self, question: str, answer: str, wrong: str) -> None:
        helped = help_with(question)
        assert answer in helped
        assert wrong not in helped

    def test_goes_with_the_scene(self) -> None:
        assert "Was macht das zusammen?" in help_with("What can I say?", count=21)
        assert "Jonas" in help_with("What can I say?", scenario_id=2)


async def test_it_is_streamed_and_kept(
    owner: asyncpg.Connection, start_process: StartProcess, people: People, make_session: MakeSession
) -> None:
    process = await start_process(ai_url=None, ai_model=None)
    session_id = await make_session(people.learner)
    events = await process.say(people.learner, session_id, "Ich hätte gern Äpfel.")
    assert events[-1].data["source"] == "scripted"
    kept = await owner.fetchval(
        "select content from public.messages where id = $1", events[-1].data["message_id"]
    )
    assert kept == text_of(events)
    assert "Äpfel" in kept
    helped = await process.say(people.learner, session_id, "What is an apple?", chat_type="helper")
    assert "der Apfel" in text_of(helped)
