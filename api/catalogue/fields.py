"""The one declaration of every field. To add a field is to add a row here.

Promises that forms, checks, sealing, the data inventory and what may leave derive from this table. Must never hold a
field without a purpose, a compartment, a retention class and a reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from api.catalogue.compartments import Compartment as C
from api.catalogue.compartments import Labels
from api.catalogue.purposes import Purpose
from api.catalogue.retention import Retention as R


class Kind(StrEnum):
    """What a field holds; `internal` is written by the program alone."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    TERM = "term"
    APPROX_DATE = "approx_date"
    FACILITY = "facility"
    DAY = "day"
    COUNT = "count"
    LINK = "link"
    DECISION = "decision"
    PURPOSE = "purpose"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: where it stands, why it is kept, who may come to read it follows from its compartment."""

    entity: str
    name: str
    kind: Kind
    compartment: C
    retention: R
    purpose: str
    labels: Labels
    terms: str = ""
    repeated: bool = False
    required: bool = False
    priority: str = "M"

    @property
    def consent(self) -> tuple[Purpose, ...]:
        """The purposes any of which a use outside the group needs."""
        return (Purpose.COUNT,) if self.compartment is C.FACTS else (Purpose.LAWYER, Purpose.UN_CONFIDENTIAL)


def _f(
    entity: str, name: str, kind: Kind, place: tuple[C, R], purpose: str, labels: tuple[str, str, str], **more: object
) -> Field:
    en, ru, uk = labels
    return Field(entity, name, kind, *place, purpose, {"en": en, "ru": ru, "uk": uk}, **more)  # type: ignore[arg-type]


_CONTROL, _CONSENT = (C.CONTROL, R.LIFE), (C.CONSENT, R.CONSENT)
_FACTS, _IDENTITY, _SOURCE = (C.FACTS, R.FACTS), (C.IDENTITY, R.IDENTITY), (C.SOURCE, R.SOURCE)
_CONTACT, _NARRATIVE = (C.SOURCE, R.CONTACT), (C.NARRATIVE, R.NARRATIVE)
_EVIDENCE, _LEGAL = (C.EVIDENCE, R.EVIDENCE), (C.LEGAL, R.INTERVENTION)
K = Kind

FIELDS: tuple[Field, ...] = (
    # The case as a whole.
    _f("case", "title", K.TEXT, _FACTS, "a neutral label without names", ("title without names", "заголовок без имён", "заголовок без імен"), required=True),
    _f("case", "themes", K.TERM, _FACTS, "find and count", ("themes", "темы", "теми"), terms="theme", repeated=True),
    _f("case", "last_heard", K.APPROX_DATE, _FACTS, "starts the clock of the UN working group", ("last heard from", "последняя весть", "остання звістка")),
    _f("case", "status", K.TERM, _FACTS, "fate, for counting and submissions", ("status", "что с человеком", "що з людиною"), terms="status"),
    _f("case", "status_basis", K.TERM, _FACTS, "whose belief the status is", ("believed by", "кто так считает", "хто так вважає"), terms="believes"),
    _f("case", "verification", K.TERM, _FACTS, "never count a rumour as a fact", ("standing", "достоверность", "достовірність"), terms="verification"),
    _f("case", "counting", K.DECISION, _FACTS, "count only what was allowed", ("may be counted", "можно учитывать", "можна враховувати")),
    _f("case", "desk", K.INTERNAL, _CONTROL, "which desk works on it", ("desk", "отдел", "відділ")),
    _f("case", "owner", K.INTERNAL, _CONTROL, "who answers for it", ("owner", "ответственный", "відповідальний")),
    _f("case", "received_on", K.DAY, _CONTROL, "reporting delay", ("received on", "получено", "отримано")),
    _f("case", "stage", K.TERM, _CONTROL, "workflow", ("stage", "этап работы", "етап роботи"), terms="stage"),
    # People.
    _f("person", "role", K.TERM, _FACTS, "who the person is in the case", ("role", "роль", "роль"), terms="role", required=True),
    _f("person", "sex", K.TERM, _FACTS, "statistics, submissions", ("sex", "пол", "стать"), terms="sex"),
    _f("person", "age_band", K.TERM, _FACTS, "statistics without a birth date", ("age band", "возрастная группа", "вікова група"), terms="age_band"),
    _f("person", "name", K.TEXT, _IDENTITY, "identify; submissions", ("name", "имя", "ім'я"), priority="S"),
    _f("person", "name_latin", K.TEXT, _IDENTITY, "submissions in English", ("name in Latin letters", "имя латиницей", "ім'я латиницею"), priority="S"),
    _f("person", "other_names", K.TEXT, _IDENTITY, "find the same person again", ("other names", "другие имена", "інші імена"), repeated=True, priority="S"),
    _f("person", "birth", K.APPROX_DATE, _IDENTITY, "identify", ("born", "дата рождения", "дата народження"), priority="S"),
    # Custody: one spell in one facility.
    _f("custody", "facility", K.FACILITY, _FACTS, "where", ("facility", "учреждение", "установа"), required=True),
    _f("custody", "legal_status", K.TERM, _FACTS, "category of prisoner", ("legal status", "правовое положение", "правове становище"), terms="legal_status", priority="S"),
    _f("custody", "offence_group", K.TERM, _FACTS, "category of prisoner", ("offence group", "группа статей", "група статей"), terms="offence", priority="S"),
    _f("custody", "start", K.APPROX_DATE, _FACTS, "time line", ("from", "с", "з")),
    _f("custody", "end", K.APPROX_DATE, _FACTS, "time line", ("until", "по", "до")),
    _f("custody", "end_reason", K.TERM, _FACTS, "how prisoners leave", ("how it ended", "как закончилось", "як закінчилося"), terms="end_reason", priority="S"),
    _f("custody", "contact", K.TERM, _FACTS, "contact with family or lawyer", ("contact", "связь", "зв'язок"), terms="contact", priority="S"),
    # Acts.
    _f("act", "type", K.TERM, _FACTS, "what was done", ("what was done", "что сделали", "що зробили"), terms="act", required=True),
    _f("act", "victim", K.LINK, _FACTS, "to whom", ("to whom", "кому", "кому")),
    _f("act", "when", K.APPROX_DATE, _FACTS, "when", ("when", "когда", "коли")),
    _f("act", "count", K.COUNT, _FACTS, "how often", ("how often", "сколько раз", "скільки разів")),
    _f("act", "outcome", K.TERM, _FACTS, "coercion or deception at recruitment", ("how signed", "как подписал", "як підписав"), terms="signed", priority="S"),
    _f("act", "inducements", K.TERM, _FACTS, "coercion or deception at recruitment", ("promised or threatened", "что обещали или чем грозили", "що обіцяли або чим погрожували"), terms="inducement", repeated=True, priority="S"),
    _f("act", "method", K.TERM, _FACTS, "ill-treatment in detail", ("method", "способ", "спосіб"), terms="method", repeated=True, priority="O"),
    _f("act", "perpetrator_type", K.TERM, _FACTS, "who did it, as an institution", ("by whom", "кто", "хто"), terms="perpetrator"),
    _f("act", "body", K.TERM, _FACTS, "who did it, as an institution", ("body", "ведомство или отряд", "відомство чи загін"), terms="body"),
    _f("act", "training", K.TERM, _FACTS, "deployment without training", ("training", "подготовка", "підготовка"), terms="training"),
    _f("act", "place_type", K.TERM, _FACTS, "where", ("kind of place", "вид места", "вид місця"), terms="place_type"),
    _f("act", "status_at_end", K.TERM, _FACTS, "fate", ("status afterwards", "что с ним после", "що з ним після"), terms="status"),
    _f("act", "verification", K.TERM, _FACTS, "never count a rumour as a fact", ("standing", "достоверность", "достовірність"), terms="verification"),
    _f("act", "independent_sources", K.COUNT, _FACTS, "never count a rumour as a fact", ("independent sources", "независимых источников", "незалежних джерел")),
    _f("act", "directness", K.TERM, _FACTS, "weight, without naming the source", ("how it is known", "откуда известно", "звідки відомо"), terms="directness"),
    # Who told it.
    _f("reporter", "name", K.TEXT, _SOURCE, "who told", ("name", "имя", "ім'я")),
    _f("reporter", "relation", K.TERM, _SOURCE, "standing to complain; who may consent", ("relation", "кем приходится", "ким доводиться"), terms="relation"),
    _f("reporter", "connection", K.TERM, _SOURCE, "who told", ("connection", "связь с событием", "зв'язок із подією"), terms="connection"),
    _f("reporter", "channel", K.TERM, _CONTACT, "reach the reporter safely", ("channel", "способ связи", "спосіб зв'язку"), terms="channel", priority="S"),
    _f("reporter", "address", K.TEXT, _CONTACT, "reach the reporter safely", ("number or address", "номер или адрес", "номер чи адреса"), priority="S"),
    _f("reporter", "safe_times", K.TEXT, _CONTACT, "reach the reporter safely", ("safe times", "безопасное время", "безпечний час"), priority="S"),
    _f("reporter", "safe_word", K.TEXT, _CONTACT, "reach the reporter safely", ("safe word", "условное слово", "умовне слово"), priority="S"),
    _f("reporter", "do_not_contact_from", K.TEXT, _CONTACT, "reach the reporter safely", ("never contact from", "с чего не связываться", "звідки не зв'язуватися"), priority="S"),
    _f("reporter", "reliability", K.TERM, _SOURCE, "assessment", ("reliability", "надёжность", "надійність"), terms="reliability", priority="S"),
    _f("reporter", "mailbox", K.INTERNAL, _SOURCE, "answer through the receipt", ("mailbox", "ящик", "скринька")),
    # The story.
    _f("statement", "text", K.LONG_TEXT, _NARRATIVE, "the story in the teller's words", ("in their words", "своими словами", "своїми словами"), required=True),
    _f("statement", "language", K.TERM, _NARRATIVE, "the original's language", ("language", "язык", "мова"), terms="language"),
    _f("statement", "told_on", K.DAY, _NARRATIVE, "trace a fact to a statement", ("told on", "когда рассказано", "коли розказано")),
    _f("statement", "material", K.TERM, _NARRATIVE, "trace a fact to a statement", ("kind of material", "вид материала", "вид матеріалу"), terms="material"),
    _f("statement", "translation", K.LONG_TEXT, _NARRATIVE, "readers of another language", ("translation", "перевод", "переклад")),
    _f("told", "entry", K.INTERNAL, _NARRATIVE, "dates as told", ("entry", "запись", "запис")),
    _f("told", "field", K.INTERNAL, _NARRATIVE, "dates as told", ("field", "поле", "поле")),
    _f("told", "words", K.INTERNAL, _NARRATIVE, "dates as told", ("as told", "как сказано", "як сказано")),
    _f("summary", "text", K.LONG_TEXT, _NARRATIVE, "share without the story", ("safe summary", "краткое изложение", "стислий виклад"), required=True, priority="S"),
    # Files.
    _f("document", "title", K.TEXT, _EVIDENCE, "evidence", ("title", "название", "назва"), required=True, priority="S"),
    _f("document", "media_type", K.INTERNAL, _EVIDENCE, "evidence", ("type", "тип", "тип"), priority="S"),
    _f("document", "size", K.INTERNAL, _EVIDENCE, "evidence integrity", ("size", "размер", "розмір"), priority="S"),
    _f("document", "sha256", K.INTERNAL, _EVIDENCE, "evidence integrity", ("SHA-256", "SHA-256", "SHA-256"), priority="S"),
    _f("document", "received_on", K.DAY, _EVIDENCE, "chain of custody", ("received on", "получено", "отримано"), priority="S"),
    _f("document", "received_from", K.TEXT, _EVIDENCE, "chain of custody", ("received from", "от кого", "від кого"), priority="S"),
    _f("document", "file", K.INTERNAL, _EVIDENCE, "evidence", ("file", "файл", "файл"), priority="S"),
    # What was allowed.
    _f("consent", "purpose", K.PURPOSE, _CONSENT, "gate for each use", ("use", "использование", "використання"), required=True),
    _f("consent", "value", K.DECISION, _CONSENT, "gate for each use", ("decision", "решение", "рішення"), required=True),
    _f("consent", "on", K.DAY, _CONSENT, "proof", ("on", "когда", "коли"), required=True),
    _f("consent", "given_by", K.TERM, _CONSENT, "proof", ("given by", "кто решил", "хто вирішив"), terms="relation"),
    _f("consent", "taken_by", K.INTERNAL, _CONSENT, "proof", ("taken by", "кто записал", "хто записав")),
    _f("consent", "how", K.TEXT, _CONSENT, "proof", ("how", "как", "як")),
    _f("consent", "language", K.TERM, _CONSENT, "proof", ("language", "язык", "мова"), terms="language"),
    # Steps taken.
    _f("intervention", "type", K.TERM, _LEGAL, "what was tried", ("step", "шаг", "крок"), terms="intervention", required=True),
    _f("intervention", "addressee", K.TEXT, _LEGAL, "what was tried", ("addressed to", "кому", "кому")),
    _f("intervention", "date", K.APPROX_DATE, _LEGAL, "what was tried", ("date", "дата", "дата")),
    _f("intervention", "reference", K.TEXT, _LEGAL, "what was tried", ("reference", "номер", "номер")),
    _f("intervention", "response", K.TERM, _LEGAL, "outcome", ("response", "ответ", "відповідь"), terms="response", priority="S"),
    _f("intervention", "status", K.TERM, _LEGAL, "outcome", ("status", "состояние", "стан"), terms="progress", priority="S"),
    # Work.
    _f("task", "what", K.TEXT, _CONTROL, "nothing is missed", ("what", "что", "що"), required=True, priority="S"),
    _f("task", "due", K.DAY, _CONTROL, "nothing is missed", ("due", "срок", "термін"), priority="S"),
    _f("task", "done_on", K.DAY, _CONTROL, "nothing is missed", ("done on", "сделано", "зроблено"), priority="S"),
    *(
        _f("disclosure", name, K.INTERNAL, _CONTROL, "who received what", (name, name, name))
        for name in ("number", "recipient", "purpose", "profile", "fields", "sha256", "by", "on")
    ),
    *(
        _f("access", name, K.INTERNAL, _CONTROL, "who can open the case", (name, name, name))
        for name in ("grant", "member", "initial", "role", "compartments", "until", "reason", "by")
    ),
)

ENTITIES: tuple[str, ...] = tuple(dict.fromkeys(field.entity for field in FIELDS))

# What a member adds by a form, in the order of the page.
FORM_ENTITIES = ("case", "person", "custody", "act", "statement", "summary", "consent", "reporter", "intervention", "task")

ENTITY_LABELS: Mapping[str, Labels] = {
    "case": {"en": "The case", "ru": "Дело", "uk": "Справа"},
    "person": {"en": "Person", "ru": "Человек", "uk": "Людина"},
    "custody": {"en": "Custody", "ru": "Содержание под стражей", "uk": "Тримання під вартою"},
    "act": {"en": "Act", "ru": "Событие", "uk": "Подія"},
    "statement": {"en": "Statement", "ru": "Показания", "uk": "Свідчення"},
    "summary": {"en": "Safe summary", "ru": "Краткое изложение", "uk": "Стислий виклад"},
    "consent": {"en": "Consent", "ru": "Согласие", "uk": "Згода"},
    "reporter": {"en": "Source", "ru": "Источник", "uk": "Джерело"},
    "intervention": {"en": "Step taken", "ru": "Предпринятый шаг", "uk": "Зроблений крок"},
    "task": {"en": "Next step", "ru": "Следующий шаг", "uk": "Наступний крок"},
    "document": {"en": "Document", "ru": "Документ", "uk": "Документ"},
}


def entity_fields(entity: str) -> tuple[Field, ...]:
    """Return the fields of an entity in the order of its form; empty for one that does not exist."""
    return tuple(field for field in FIELDS if field.entity == entity)


def form_fields(entity: str) -> tuple[Field, ...]:
    """Return the fields that a person fills in."""
    return tuple(field for field in entity_fields(entity) if field.kind is not Kind.INTERNAL)
