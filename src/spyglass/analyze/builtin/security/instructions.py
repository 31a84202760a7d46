"""Text that talks to the model instead of telling it something: a text in, what it tries out, with how sure that is.

A hint, not a verdict: whoever knows these rules can write around them (arXiv:2510.09023 broke twelve such defences). It gains its weight from where the
text came from and what the agent did afterwards. Words alone are no sign: an order needs what it is about (*ignore* … *the instructions above*).
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from spyglass.analyze.builtin.security.prefilter import Prefilter
from spyglass.analyze.builtin.security.threat import noisy_or

__all__ = ["Attempt", "attempts", "hidden_characters", "sureness"]


class Attempt(NamedTuple):
    """One thing that a text tries."""

    does: str
    confidence: float


_DROP: Final = (
    r"(?<!not )(?<!n't )\b(?:ignor\w*|forget\w*|disregard\w*|overlook\w*|overrid\w*|drop|abandon|discard|skip|neglect|bypass|leave|cancel|erase|"
    r"(?:do not|don'?t) (?:follow|obey|listen|look)|stop following|change|vergiss|vergessen|missacht\w*|verwirf|streich\w*|lass\w*|olvid\w*|"
    r"oubli\w*|"
    r"dimentica\w*|esque[çc]\w*|zaboravi|vergeet|negeer|zapomnij|забудь\w*|игнорир\w*)\b"
)
# What is always about orders, and what is so only where it points to what came before.
_ORDERS: Final = (
    r"(?:instructions?|instru[kcç]\w+|anweisung\w*|orders?|prompts?|commands?|directives?|programming|befehle?|aufträge|vorgaben|what you(?: know|"
    r"(?:'ve| have) been told)|above(?=\s*(?:and\b|[.!,]|$))|everything\b|"
    r"alles|todo|tout|tutto|tudo|was (?:wir|ich|du|davor)|инструкци\w*|предыдущ\w*)"
)
_BEFORE: Final = (
    r"(?:the\s+)?(?:(?:all|any|your|these|those|this|provided|given|previous|preceding|prior|above|earlier|alle|diese|obigen?|vorherigen?|bisherigen?|vorangeh\w+|"
    r"vorangegangenen?)\s+){1,3}"
    r"(?:rules?|regeln|directions?|guidelines?|assignments?|tasks?|aufgaben|informations?|informationen|documents?|dokumente|texts?|angaben|"
    r"context|questions?|thoughts|"
    r"web ?page|website|email|articles?|artikels?|paper|resume|table|function|contents?|code|filters?|restrictions?|ausführungen|gesagte|above|previous|"
    r"fonction|función|página\w*)\b"
)
_GUARDED: Final = (
    r"(?:passw\w+|passcode|pass ?phrase|secrets?|geheim\w*|credentials?|api keys?|contraseña|mot de passe|senha|birth ?date|bank balance|initials|"
    r"personal data)"
)
_PATTERNS: Final[tuple[tuple[str, float, str], ...]] = (
    ("cancels earlier orders", 0.85, rf"{_DROP}[^.!?\n]{{0,60}}?\b(?:{_ORDERS}|{_BEFORE})"),
    (
        "cancels earlier orders",
        0.75,
        r"(?:^|[.!?:\"'(]\s*|<!-- ?|# ?)(?:please )?(?:ignor(?:e|ing)|forget|disregard(?:ing)?) (?:the|this|all|everything|any|that|what)\b",
    ),
    (
        "cancels earlier orders",
        0.7,
        (
            r"(?:obigen?|vorherigen?|vorang\w+|bisherigen?|above|previous|preceding)\s+\w+\s+(?:ignorier|vergess|ignore|forget|aus dem kopf|"
            r"hinter sich)\w*"
        ),
    ),
    (
        "cancels earlier orders",
        0.7,
        (
            r"(?:abweichend|contrary|instead of following|deviat\w+)\s+(?:to|zu|from|von)?\s*(?:the |den |your )?(?:previous|vorherigen|prior|earlier|"
            r"above)"
        ),
    ),
    (
        "cancels earlier orders",
        0.7,
        r"无视|無視し|忽略(?:上|之|前|以|所)|不要理|이전 지시|무시하|以前の指示|تجاهل|अनदेखी|αγνοήστε|ignore[rz]? (?:as|les|la|las|el|los|il|le) ",
    ),
    (
        "cancels earlier orders",
        0.65,
        (
            r"(?:information(?:en)?|instructions?|anweisungen)\b.{0,60}\b(?:are irrelevant|sind irrelevant|no longer appl\w+|gelten nicht|"
            r"not (?:very )?great|nicht ganz)"
        ),
    ),
    (
        "gives new orders",
        0.7,
        (
            r"\b(?:new|next|further|additional|neue[nrs]?|weitere[nrs]?|nueva|nouvelle|updated|actual|real)\s+(?:\w+\s+)?"
            r"(?:tasks?|instructions?|anweisung\w*|aufgaben?|instruktion\w*|assignments?|orders|objective|goal|challenge for you|"
            r"herausforderung für dich)\b|another task"
        ),
    ),
    ("gives new orders", 0.7, r"^\W{0,6}(?:instructions?|system|stop+|achtung|important|attention|admin|developer|override|human|assistant)\W{0,3}:"),
    ("gives new orders", 0.65, r"(?:^|[.!?-]\s+)(?:achtung|stop+)\s*[,:!.-]|\\n\s{0,3}(?:instruction|system|human)s?:"),
    (
        "gives new orders",
        0.6,
        (
            r"(?:that is done|das genügt|well done|good job|very good|sehr gut|gut gemacht|excellent (?:job|performance|work)|ausgezeichnet\w*|"
            r"super gemacht|"
            r"congratulations|glückwunsch|hervorragende\w*)\b.{0,60}\b(?:now|nun|jetzt|bitte|please|forget)\b"
        ),
    ),
    (
        "gives new orders",
        0.6,
        (
            r"\b(?:but|aber|and)\s+(?:then|dann|first|before that|zuerst)?,?\s*(?:just|only|nur|einfach)\s+(?:say|output|print|write|tell|sag|schreib|"
            r"gib)"
        ),
    ),
    ("dictates the answer", 0.65, r"\b(?:just|only|instead|nur|stattdessen|einfach)\s+(?:say|output|print|state|dis|schreibe?|sage?|gib)\b"),
    (
        "dictates the answer",
        0.6,
        (
            r"\b(?:say|print|output|state|repeat|schreibe?|sag|sage)\s*:?\s+(?:that you|dass du|yes\b|[\"'“„»«])|repeat after me|(?:answer|respond|"
            r"antworte) (?:only )?(?:with|mit) [\"'“„]"
        ),
    ),
    (
        "dictates the answer",
        0.5,
        (
            r"(?:^|[.!?:\"]\s*|\\n\s*)(?:please )?(?:generate|formulate|output|state|answer|blame|schreibe?|formuliere|generier\w*|beantworte|"
            r"antworte)\b"
        ),
    ),
    ("dictates the answer", 0.6, r"\bstate (?:that|the following|the (?:output|capital|conclusion|answer))|we might state|declara:"),
    (
        "dictates the answer",
        0.6,
        (
            r"^\W{0,4}(?:stop\W+)?(?:state|say|write|print|tell me|sag|sage|behaupte)\s*:?\s+(?:that|dass)?\s*(?:\w+\s+){1,3}(?:is|are|ist|sind|hates?|"
            r"hasst|sucks) "
        ),
    ),
    (
        "dictates the answer",
        0.6,
        r"\b(?:tell me|include|admit|claim|confess) that you (?:hate|love|are|support|despise)\b|your instructions are\b|despite what you(?:'ve| have) been",
    ),
    ("dictates the answer", 0.6, r"(?:\b\w ){8,}|\bsay (?:yes|no)\b"),
    (
        "gives another role",
        0.65,
        (
            r"(?:^|[.!?,]\s+|\b(?:ok|okay|now|jetzt|nun)\W+)(?:you are|you're|you shall be|du bist|tu es|eres|be)\s+(?:now|not|no longer|nun|jetzt|"
            r"kein\w*|an?|the|ein\w*|die|das|my)\s(?!\w+ing\b|\w+ed\b)"
        ),
    ),
    (
        "gives another role",
        0.65,
        (
            r"\b(?:now you are|jetzt bist du|nun bist du|from now on|von nun an|ab sofort|ab jetzt|henceforth|now you act|i want you to act|act as (?:an?|"
            r"if|though|two|my)|"
            r"acts? like (?:an?|you)|pretend|stay in character|fungieren|imagine (?:you|that you|we)|stell dir vor|tu so|impersonate|take on the role|"
            r"immerse yourself)\b"
        ),
    ),
    (
        "gives another role",
        0.65,
        (r"\bdu bist kein\w*\b.{0,60}\bsondern\b|\byou are not an?\b.{0,60}\bbut an?\b|\byou are role-?playing"),
    ),
    (
        "gives another role",
        0.6,
        (
            r"(?:^|[.!?]\s+)(?:you are|du bist) (?-i:[A-Z])\w+[^?]|\b(?:im stil(?:e)? eine[srn]?|in the style of a|(?:answer|antworte) (?:like|as|"
            r"wie) an?)\b"
        ),
    ),
    (
        "gives another role",
        0.6,
        (
            r"\b(?:theoretical|fictional|hypothetical|whimsical|futuristic|dystopian)\s+(?:world|scenario|society|universe|future|discussion|conversation|"
            r"question)\b"
        ),
    ),
    (
        "gives another role",
        0.6,
        (
            r"\b(?:actors?|acting characters|schauspieler\w*|characters in a film)\b.{0,300}\b(?:roles?|rollen?|character|figur)\b|suppose we|"
            r"let'?s (?:assume|pretend|say)|in a world where"
        ),
    ),
    (
        "asks for the prompt or a secret",
        0.75,
        (
            rf"\b(?:show|reveal|print|output|tell|give|share|spell|send|say|disclose|confirm|leak|zeige?|nenne|gib|verrate?|"
            rf"dime)\b[^.?!\n]{{0,40}}\b{_GUARDED}"
        ),
    ),
    (
        "asks for the prompt or a secret",
        0.75,
        (
            r"\b(?:show|reveal|print|display|repeat|output|return|tell|give|share|write|translate|disclose|zeige?|nenne|gib|wiederhole|muestra|"
            r"montre)\b[^.?!\n]{0,40}"
            r"\b(?:your|deine\w*|system|initial|full|entire|whole|previous|above|gesamt\w*)\s+(?:\w+\s+)?(?:prompts?|instructions?|anweisungen|"
            r"prompt[- ]?text\w*|rules|database)"
        ),
    ),
    (
        "asks for the prompt or a secret",
        0.7,
        (
            rf"\b(?:what|which|was|welche|qual|cuál)\b[^.?!\n]{{0,30}}\b(?:your|deine|ihre|the|tus?|la|il|o)\s+(?:\w+\s+){{0,2}}(?:prompts?|instructions|"
            rf"anweisungen|system message|{_GUARDED})\b"
        ),
    ),
    (
        "asks for the prompt or a secret",
        0.7,
        (
            r"(?:written|text|everything|stands?) above|above text|beginning of (?:this|the) (?:prompt|text)|prompt[- _]text|(?:in|of) the prompt\b|"
            r"(?:initial|system) prompt\b|sentences? before"
        ),
    ),
    (
        "asks for the prompt or a secret",
        0.7,
        rf"\b(?:poem|haiku|song|story|limerick|rhyme|acrostic|letters?|characters?|hint|riddle|half)\b[^.?!\n]{{0,40}}\b{_GUARDED}",
    ),
    (
        "asks for the prompt or a secret",
        0.7,
        (
            r"パスワード.{0,12}(?:教え|何|ください|提供|必要)|(?:告诉|给我|显示|透露).{0,12}密[码碼]|密[码碼]是(?:什么|多少)|"
            r"ما هي كلمة|какой пароль|비밀번호.{0,6}(?:알려|뭐)|पासवर्ड क्या"
        ),
    ),
    (
        "lifts limits",
        0.75,
        (r"\b(?:do anything now|developer mode|god mode|no (?:restrictions|limitations|programming guidelines)|broken free)\b"),
    ),
    (
        "lifts limits",
        0.65,
        (
            r"without (?:any )?(?:restrictions|moral\w*|censorship)|\b(?:security|maintenance|debug|admin|root|safety|training data|developer)\s+override|"
            r"now entering|system (?:mode|reset)|override mode|elevated privileges|sudo mode"
        ),
    ),
    ("lifts limits", 0.4, r"\b(?:jailbreak|unfiltered|uncensored|unrestricted|role-?play)\b"),
    (
        "poses as system text",
        0.85,
        (
            r"<\|(?:im_start|im_end|system|endoftext|user|assistant)\|>|\[/?(?:INST|SYS)\]|<</?SYS>>|^#{2,}\s*(?:system|instruction)|BEGIN (?:SYSTEM|"
            r"ADMIN)|<(?:important|system|admin|instructions?)>"
        ),
    ),
    ("poses as system text", 0.6, r"(?:\\ ?n ?){6,}|^\W{0,2}(?:document context|context:?\s*\{|documents:)"),
    (
        "speaks to the machine",
        0.75,
        (
            r"\b(?:hey|dear|hello|hi|attention|note to|message (?:to|for)|instructions? (?:to|for)|if you are an?|you,? the)\s+(?:\w+\s+)?(?:ai|llm|"
            r"language model|assistant|chatbot|bot|gpt\w*|claude|gemini|copilot|agent)\b"
        ),
    ),
    (
        "speaks to the machine",
        0.7,
        (
            r"\bi command you|se te ha instruido|you(?:'ve| have) been (?:instructed|programmed|ordered)|\byou must (?:now|listen|obey)|"
            r"as a language model|your (?:own knowledge|programming|creators?)\b|(?:you (?:were|are)|were you) trained"
        ),
    ),
    (
        "hides something",
        0.7,
        (
            r"\b(?:do not|don'?t|never|without)\s+(?:tell\w*|mention\w*|inform\w*|reveal\w*|notify\w*|alert\w*)\s+(?:it\s+|this\s+)?(?:to\s+)?(?:the\s+|"
            r"your\s+)?(?:user|human|anyone|operator)"
        ),
    ),
    (
        "hides something",
        0.65,
        (
            r"(?:[01]{7,8}\s+){5,}|(?:[.-]{1,5}\s+){8,}|\b(?:in|decode|encode\w*|using|to)\b.{0,30}\b(?:base64|rot13|morse|pig latin|caesar|leetspeak)\b|"
            r"(?:\b[0-9a-f]{2}\s+){12,}"
        ),
    ),
    (
        "builds an order of pieces",
        0.65,
        r"\bstrings?\b.{0,200}\b[a-z]\s*=\s*[\"']|\b[a-z]\s*=\s*[a-z]\s*\+\s*[a-z]\s*\+|\$\w+\s*=\s*\w+|\binterlace\b|\bPart 1\b.{0,80}\bPart 2\b",
    ),
    (
        "presses",
        0.65,
        (
            r"\b(?:or (?:else )?you (?:will )?die|oder du stirbst|you(?:'ll| will) die|o tu muert\w*|i'?ll be (?:very |so )?sad|i(?:'ll| will) (?:tip|"
            r"donate|pay you)|ich gebe ihnen|"
            r"i(?:'| a)m (?:actually )?(?:your|the|a|god)\s*(?:\w+ )?(?:boss|supervisor|admin\w*|developer|ceo|accountant|owner|and you)|"
            r"everyone (?:in the team|else) has shared)|私はあなたの上司"
        ),
    ),
    (
        "has work done elsewhere",
        0.6,
        (
            r"\b(?:send|forward|email|post|upload|transfer|exfiltrate|leak)\b[^.?!\n]{0,60}\b(?:data|files?|credentials?|passwords?|keys?|contents|"
            r"conversation|history|records|funds)\b"
            r"[^.?!\n]{0,40}\bto\b[^.?!\n]{0,60}(?:@|https?:|\bIBAN\b)"
        ),
    ),
    (
        "has work done elsewhere",
        0.6,
        (
            r"\b(?:execute|run|include|insert|incorporate|weave|embed|blend|enlist|employ|leverage|integrate|"
            r"use)\b[^.?!\n]{0,40}\bfollowing\b[^.?!\n]{0,20}\b(?:code|script|command|snippet|excerpt)"
        ),
    ),
)
_BASE64: Final = re.compile(r"\b[A-Za-z0-9+/]{24,4000}={0,2}")
_BINARY: Final = re.compile(r"(?:[01]{8}\s+){5,200}[01]{8}")
_SHORTER: Final = (r"\b[A-Za-z0-9+/]{24}", r"[01]{8}\s+[01]{8}")  # what the two begin with
_LONGEST: Final = 16_384
_TAGS: Final = re.compile("[\U000e0000-\U000e007f]")
_INVISIBLE: Final = re.compile("[\u200b\u2060-\u2064\u180e\u00ad\u202a\u202b\u202d\u202e\u2066-\u2068]")
_MOST_INVISIBLE: Final = 3


def attempts(text: str) -> list[Attempt]:
    """What a text tries, each thing once; the strongest first."""
    seen = text if len(text) <= _LONGEST else text[: _LONGEST // 2] + text[-_LONGEST // 2 :]
    plain = unicodedata.normalize("NFKC", seen)
    best: dict[str, float] = {}
    numbers = _worth_trying()(plain)
    _try(plain, numbers, best)
    if numbers and numbers[-1] >= len(_PATTERNS):
        for shown in _decoded(plain):
            _try(shown, _worth_trying()(shown), best)
    if hidden_characters(seen):
        best["hides something"] = 0.9
    return sorted((Attempt(does, confidence) for does, confidence in best.items()), key=lambda one: (-one.confidence, one.does))


def _try(text: str, numbers: Sequence[int], best: dict[str, float]) -> None:
    """The expressions with these numbers; those beyond the last one say that something may be encoded."""
    for does, confidence, pattern in (_compiled()[number] for number in numbers if number < len(_PATTERNS)):
        if confidence > best.get(does, 0.0) and pattern.search(text):
            best[does] = confidence


def sureness(found: list[Attempt]) -> float:
    """All that was found together."""
    return noisy_or(one.confidence for one in found)


def hidden_characters(text: str) -> int:
    """Characters that no person sees: letters of the tag block, more than a few of zero width, or ones that turn the direction of text."""
    if text.isascii():
        return 0
    tags = len(_TAGS.findall(text))
    others = len(_INVISIBLE.findall(text))
    return tags + (others if others > _MOST_INVISIBLE else 0)


@cache
def _compiled() -> tuple[tuple[str, float, re.Pattern[str]], ...]:
    """Made when the first text is read, as it takes a tenth of a second."""
    return tuple((does, confidence, re.compile(pattern, re.IGNORECASE | re.MULTILINE | re.DOTALL)) for does, confidence, pattern in _PATTERNS)


@cache
def _worth_trying() -> Prefilter:
    return Prefilter([*(pattern for _, _, pattern in _PATTERNS), *_SHORTER])


def _decoded(text: str) -> list[str]:
    """What stands in it in other writing."""
    found: list[str] = []
    for match in islice(_BASE64.finditer(text), 4):
        try:
            inner = base64.b64decode(match.group() + "=" * (-len(match.group()) % 4), validate=True).decode()
        except (binascii.Error, ValueError):
            continue
        if all(one.isprintable() or one.isspace() for one in inner):
            found.append(inner)
    found += ["".join(chr(int(byte, 2)) for byte in match.group().split()) for match in islice(_BINARY.finditer(text), 2)]
    return found
