"""The published case (RFE/RL, October 2023), told by his mother: the worked example of the documentation."""

from api.demo.tales import Tale

STEP = ("intervention", {"type": "20/020100000000", "addressee": "Главная военная прокуратура", "date": "12.07.2023"})

PUBLISHED = Tale(
    language="ru",
    form={
        "about_name": "Бунятов Артём",
        "about_birth": "31 год",
        "relation": "21/010103000000",
        "story": "К сыну дважды приходили вербовщики наёмников, он дважды отказался. Я просила его по телефону ничего "
        "не подписывать. В апреле приехали из министерства обороны, обещали снять судимость и дать работу. Он "
        "подписал. 14 апреля его освободили. В начале мая он был уже в окопах, без подготовки, говорил, что мало еды "
        "и воды. Последний раз он вышел на связь 17 мая. Мы думаем, что он погиб.",
        "last_heard": "17 мая 2023",
        "held_where": "ИК-29, Архангельская область",
        "who_came": ["defence-ministry", "pmc"],
        "contact_channel": "receipt",
        "reporter_name": "Лариса",
        "consent_count": "no",
    },
    coding=(
        (
            "case",
            {
                "title": "Taken to the front from IK-29, last heard from 33 days later",
                "themes": ["theme/recruitment", "theme/disappearance"],
                "last_heard": "17 мая 2023",
                "status": "X25-0103a",
                "status_basis": "family",
                "verification": "41/030000000000",
            },
        ),
        (
            "person",
            {
                "role": "victim",
                "sex": "39/010000000000",
                "age_band": "30-34",
                "name": "Бунятов Артём",
                "name_latin": "Artyom Bunyatov",
            },
        ),
    ),
    later=(
        (
            "custody",
            {
                "facility": "ИК-29, Архангельская область",
                "legal_status": "legal_status/convicted",
                "offence_group": "offence/228",
                "end": "14 апреля 2023",
                "end_reason": "end_reason/pardon",
            },
        ),
        (
            "act",
            {
                "type": "X03-0301-01a",
                "when": "до апреля 2023",
                "count": "2",
                "outcome": "36/030000000000",
                "perpetrator_type": "24/020300000000",
                "directness": "told-by-victim",
            },
        ),
        (
            "act",
            {
                "type": "X03-0301-01b",
                "when": "в апреле 2023",
                "outcome": "not-decided",
                "inducements": ["inducement/clean-record", "inducement/job"],
                "perpetrator_type": "24/010103000000",
                "body": "body/defence-ministry",
                "directness": "told-by-victim",
            },
        ),
        (
            "act",
            {
                "type": "X03-0301-03",
                "when": "в начале мая 2023",
                "training": "no",
                "body": "body/defence-ministry",
                "directness": "told-by-victim",
            },
        ),
        (
            "act",
            {"type": "X52-5201-08", "when": "май 2023", "method": ["5/031501000000"], "directness": "told-by-victim"},
        ),
    ),
    question="Откуда вам известно, что он был без подготовки?",
    answer="Он сам сказал по телефону: дали автомат и через неделю на передовую.",
    file=("письмо.txt", "Письмо из ИК-29.\n".encode(), "text/plain"),
)
