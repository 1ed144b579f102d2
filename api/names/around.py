"""Words that stand around a name in a question: "передайте", "мой брат", "prisoner", "колонія".

Promises to leave out only what no one is called. Must never leave nothing: a text of such words alone is kept whole.
"""

import re

_RUSSIAN = """
передайте передай передать передаем найдите найти найду ищу ищем искать ищут разыскиваю разыскивается разыскать узнать
узнайте скажите сообщите сообщить помогите помочь прошу просим пожалуйста где когда как что это кто для про о об от у к
с со за на в во из по при и или не есть был была было жив жива мой моя моего моему моей мою моим нашего нашему нашей
наш наша сын сына сыну сыном дочь дочери муж мужа мужу мужем жена жены жене брат брата брату братом сестра сестры сестре
отец отца отцу мать матери мама дядя друг друга другу письмо письма посылка посылку передачу передача свидание звонок
звонил дело деле делу осужденный осужденного осужденному осуждённый осуждённого осуждённому заключенный заключенного
заключенному заключённый заключённого заключённому пленный пленного пленному военнопленный военнопленного
военнопленному гражданин гражданина гражданину гражданка гражданки гражданке товарищ господин господину рядовой рядового
рядовому сержант сержанту солдат солдата солдату колония колонии сизо тюрьма тюрьме фамилия имя отчество зовут фио
родился года год пропал напишите пропала известно новости видели звали человек человека осужденной информация информацию
относительно насчет насчёт касательно адвокат адвоката адвокату нет имени
"""
_UKRAINIAN = """
передати передай передайте знайти знайдіть шукаю шукаємо шукати розшукую дізнатися повідомте повідомити допоможіть прошу
будь ласка де коли як що це хто для про від до у в з із зі за на та і й або не є був була живий мій моя мого моєму моєї
мою моїм нашого нашому наш син сина сину синові сином дочка дочки чоловік чоловіка чоловіку дружина дружини дружині брат
брата брату братові сестра сестри сестрі батько батька мати матері лист листа посилка посилку побачення справа справі
засуджений засудженого засудженому ув'язнений полонений полоненого полоненому військовополонений військовополоненого
військовополоненому громадянин громадянина громадянину громадянка пан пана панові пані солдат солдата солдату колонія
колонії в'язниця прізвище ім'я батькові звати зник зникла новини щодо стосовно інформація інформацію
"""
_ENGLISH = """
please find looking search searching for about the a an of to from where is was my our his her son brother
husband father mother wife sister daughter uncle friend prisoner convict inmate detainee mr mrs ms miss dr
named called name surname letter parcel visit tell give pass who knows any news on regarding soldier citizen
sheikh haji hajji
"""
# Words that join a name in Arabic and European use; a family leaves them out or glues them on.
_JOINTS = "al el ul ad as an ibn bin ben bint abu von van de der den di da la le ibni бин ибн аль эль фон ван де"
_AROUND = frozenset(f"{_RUSSIAN} {_UKRAINIAN} {_ENGLISH}".replace("'", "").replace("ё", "е").split())
_JOINING = frozenset(_JOINTS.split())
_CALL = re.compile("[а-яіїє]{3,}(?:[аиеіуюя]йте|іть|ться|тись)$")


def is_around(word: str) -> bool:
    """Say whether a word is one that people put around a name, in any case of letters."""
    small = word.casefold().replace("ё", "е")
    return small in _AROUND or bool(_CALL.fullmatch(small))


def is_joint(word: str) -> bool:
    """Say whether a word only joins names, as "al" and "von" do."""
    return word.casefold() in _JOINING
