# ruff: noqa: RUF001 (the words of other alphabets are data here, and look alike on purpose)
"""Words that mark an auto-reply in its subject: regular expressions over case-folded text."""

from __future__ import annotations

AUTO = (
    r"auto(?:m\w*|\.)?|авто\w*|otomatik|avtomat\w*|automát\w*|samodejni|αυτόματη|自動|自动|자동|"
    r"tự động|otomatis|אוטומטית|تلقائي"
)
"""A word for "automatic"."""

REPLY = (
    r"repl(?:y|ies)|respon\w*|antwort\w*|antw|réponse|reponse|respuesta|resposta|risposta|antwoord|"
    r"reactie|odpowied[źz]|svar|odpov(?:ěď|eď)|válasz|ответ|відповідь|yanıt|cevap|vastaus|răspuns|"
    r"απάντηση|odgovor|trả lời|balasan|תשובה|رد|応答|返信|答复|回复|回覆|회신|응답"
)
"""A word for "reply"; before or behind a word for "automatic" it makes the mark of a responder."""

ABSENCE_NOTICE = (
    r"out[- ]of[- ](?:the[- ])?office(?: auto-?reply| reply|(?=:))|"
    r"(?:automatische )?abwesenheit(?:snotiz|smeldung|snachricht|sassistent)?(?=:|\Z)|"
    r"abwesenheits(?:notiz|meldung)|message d'absence|notification d'absence|absence du bureau|"
    r"fuera de la oficina(?=:)|ausência temporária(?=:)|afwezigheidsbericht|niet aanwezig(?=:)|"
    r"frånvaromeddelande|fravær(?:smelding|sbesked)|poissaoloilmoitus|házon kívül(?=:)|"
    r"нет на месте(?=:)|不在通知"
)
"""What mail programs call the notice of an absence."""

ABSENCE = (
    r"out[- ]of[- ](?:the[- ])?office|ooo|(?:i am |i'm )?away(?: from)?|on (?:annual |maternity |"
    r"sick )?(?:vacation|holiday|leave)|(?:annual|maternity) leave|vacation|abwesen(?:d|heit)|"
    r"(?:im )?urlaub|nicht im (?:büro|haus)|absent|absence|en congés?|congés|fuera de (?:la )?oficina|"
    r"ausente|ausencia|de vacaciones|fora do escritório|ausência|em férias|fuori (?:sede|ufficio)|"
    r"assente|assenza|afwezig|niet op kantoor|nieobecn(?:y|a|ość)|poza biurem|ej på plats|frånvarande|"
    r"ikke til stede|fravær|mimo kancelář|nepřítomnost|házon kívül|szabadságon|нет на месте|в отпуске|"
    r"отсутствие|不在|外出|休假|부재중"
)
"""How people and responders alike begin a subject that says that they are away."""
