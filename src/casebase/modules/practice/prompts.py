"""What the language model is told: a template a scenario and one of the helper's, of the package or of one's own.

What people wrote goes in messages of its own, masked: it is what the character hears, never an instruction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from casebase.kernel.errors import ConfigurationError
from casebase.kernel.privacy.detectors import mask
from casebase.modules.practice.settings import PracticeSettings, load_practice_settings

NAMES: Final = ("marketplace", "party", "kebab", "other", "helper")
"""The templates; ``other`` is for scenarios that an installation adds."""
_OF_SCENARIO: Final = {1: "marketplace", 2: "party", 3: "kebab"}
_MAX_BYTES: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class Template:
    """One prompt, and the file it is from; ``None``: the package's."""

    text: str
    path: Path | None


class Prompts:
    """The templates of a process, read when it starts."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self.templates = dict(templates)

    @classmethod
    def load(cls, settings: PracticeSettings) -> Prompts:
        """Read all of them; raise ``ConfigurationError`` naming the variable of one that is missing or no prompt."""
        return cls({name: _template(name, getattr(settings, f"prompt_{name}_path")) for name in NAMES})

    def messages(self, chat_type: str, material: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return what a model is sent for an answer in a chat; ``material`` is what ``start_answer`` returns."""
        name = "helper" if chat_type == "helper" else scene_of(material["scenario_id"])
        instructions = self.templates[name].text
        for placeholder in ("message_count", "title"):
            instructions = instructions.replace(f"{{{placeholder}}}", str(material[placeholder]))
        messages = [{"role": "system", "content": instructions}]
        if chat_type == "helper":
            heard = [
                {"who": "learner" if said["role"] == "user" else "partner", "said": mask(said["content"])}
                for said in material["main"]
            ]
            # As JSON inside a message of the learner's side: no sentence in it can pass for an instruction.
            quoted = json.dumps({"conversation_with_the_partner": heard}, ensure_ascii=False)
            messages.append({"role": "user", "content": quoted})
        messages += [
            {"role": "user" if said["role"] == "user" else "assistant", "content": mask(said["content"])}
            for said in material[chat_type]
        ]
        return messages


def check_prompts() -> str:
    """Say whose templates are used; raise ``ConfigurationError`` where one cannot be."""
    templates = Prompts.load(load_practice_settings()).templates
    own = [name for name, template in templates.items() if template.path is not None]
    return f"prompts of the package, but {', '.join(own)}" if own else "prompts of the package"


def scene_of(scenario_id: int) -> str:
    """Return the name under which a scenario's template and script are kept."""
    return _OF_SCENARIO.get(scenario_id, "other")


def _template(name: str, path: Path | None) -> Template:
    if path is None:
        text = files("casebase.modules.practice").joinpath("prompts", f"{name}.md").read_text("utf-8")
        return Template(text, None)
    variable = f"CASEBASE_PRACTICE_PROMPT_{name.upper()}_PATH"
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except IsADirectoryError:
        raise ConfigurationError(
            f"{variable} is a folder.",
            hint="Name the file in it, or unset the variable for the prompt of the package.",
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"{variable} names a file that cannot be read ({type(error).__name__}).",
            hint="Correct the path, or unset the variable for the prompt of the package.",
        ) from None
    if len(content) > _MAX_BYTES:
        raise ConfigurationError(f"{variable} names a file of more than {_MAX_BYTES} bytes.")
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{variable} names a file that is not UTF-8.") from None
    if not text:
        raise ConfigurationError(f"{variable} names an empty file.")
    return Template(text, path)
