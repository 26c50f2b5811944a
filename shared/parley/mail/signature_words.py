# ruff: noqa: RUF001 (the words of other alphabets are data here, and look alike on purpose)
"""Words of signatures that devices, mail programs and lists add: regular expressions, case-folded."""

from __future__ import annotations

DEVICE = (
    r"excuse|brevity|"
    r"i ?phone|i ?pad|ipod|android|blackberry|samsung|galaxy|nokia|huawei|xiaomi|redmi|honor|oneplus|"
    r"sony|xperia|htc|lg\b|motorola|moto\b|pixel\b|windows|outlook|surface|mobil\w*|mobile|"
    r"smart ?phone|handy|phone|telefon\w*|teléfono|telefone|téléphone|cellulare|celular|tablet\w*|"
    r"yahoo|mailbox|mail|gmail|aol|proton\w*|spark|airmail|nine|boxer|verizon|t-mobile|at&t|sprint|"
    r"vodafone|o2\b|wireless|device|dispositivo|thunderbird|telekom|gmx|web\.de|freenet|orange|libero|"
    r"hey\b|fastmail|superhuman|missive|newton|touch|zenfone|lumia|treo|palm|sidekick|workphone|mac\b|"
    r"macbook|apple watch|смартфон\w*|телефон\w*|айфон\w*|"
    r"устройств\w*|почт\w*|watch|ios|командой|"
    r"оператор"
)
"""A device or a mail program: one of them makes a footer of `sent from my ...`."""

SENT_FROM = (
    r"sent (?:from|via|with|using) |von (?:mein|unterwegs)|gesendet (?:von|mit|über|aus) "
    r"|diese nachricht wurde (?:von|mit) |envoyé (?:de|à partir d|avec|par|d['’])|"
    r"enviad[oa] (?:desde|de|do|dal|pelo|a partir d|via)"
    r"|inviato (?:da|con|tramite)|(?:verzonden|verstuurd) (?:vanaf|vanuit|met|via|van) "
    r"|wysłan[eoay] (?:z|za pomocą|przy użyciu|przez) |küldve |skicka(?:t|des) från |send(?:t|"
    r") (?:fra|via|med) "
    r"|ode?sl[aá]n[oée] zo? |odoslan[éáo] zo? |отправлено (?:с|из|от|"
    r"через) |надіслано з |trimis (?:de pe|din) "
    r"|στάλθηκε από |enviat (?:des|amb) |poslano [sz] |saadetud |gửi từ |dikirim dari "
    r"|(?:get|download|obtener|obtenez|obten|holen sie sich|laden sie|télécharge[rz]?|scarica|"
    r"ottieni|baixe|obter|obtenha"
    r"|pobierz|hämta|hent|stáhn\w*|скачать|установ\w+|"
    r"download) (?:the )?"
    r"(?:outlook|yahoo|gmail|bluemail|proton|spark|aol)\b.{0,14}(?:ios|android|iphone|ipad|mobile|app)\b"
    r"|(?:composed|written|typed) (?:on|with) (?:my|a|an) "
    r"|(?:please )?excuse (?:my |the |any )?(?:typos|brevity)|via (?:mobile|iphone|ipad|android|"
    r"handy|smartphone)$"
)
"""How such a footer begins."""

SENT_FROM_MY = (
    r"sent from (?:my|the|an?) |(?:gesendet )?(?:von|mit) meine[mr] |envoyé (?:de|depuis) m(?:on|a) |"
    r"enviad[oa] (?:desde mi|do meu|de mi) |inviato dal(?:la)? mi[oa] |"
    r"(?:verzonden|verstuurd) (?:vanaf|met) mijn |skickat från mi[nt] |sendt fra mi[nt] |"
    r"wysłan[eo] z mojego |отправлено с моего |lähetetty "
)
"""How one begins that names a device which no list knows."""

FOREIGN_MOBILE = (
    r"iphone ?から送信|(?:my )?(?:iphone|ipad|android) ?から|.{0,20}から送信|发自我的|發自我的|"
    r"从我的|從我的|来自我的|自我的\w+發送|"
    r"나의 (?:iphone|ipad)|내 (?:iphone|ipad)|(?:iphone|ipad|android|samsung|"
    r"outlook)에서 (?:보냄|보낸)|נשלח מה|أرسلت من|"
    r"iphone['’]?umdan gönderildi|(?:iphone|ipad|android|samsung|outlook|huawei|"
    r"xiaomi)\S* .{0,30}(?:gönderildi|lähetetty)$|az iphone|iphone-?omról|ส่งจาก"
)
"""Whole footers of languages that put the device elsewhere."""

ANY_FOOTER = (
    r"you (?:are receiv|receiv)\w+ this (?:message|e-?mail|mail|because)|to unsubscribe|"
    r"reply to this e-?mail directly"
    r"|to stop receiving|to view this discussion|sie erhalten diese (?:nachricht|e-?mail)|vous recevez ce"
    r"|(?:this|diese|dit|detta|denne|ta|cet?|este|questa) (?:e-?mail|message|e-?postmeddelande|"
    r"nachricht|bericht|correo"
    r"|mensagem|wiadomość|besked) (?:has been|was|wurde|is|har|został|a été|ha sido|foi|è stat).{0,30}"
    r"(?:virus|scan|avast|check|geprüft|gecontroleerd|sökts|verif|analizado|controllat)|"
    r"virus-free|virenfrei"
)
"""Begins a line of what a list or a scanner adds below a rule."""

LIST_FOOTER = r"mailing list|unsubscribe|mailman|listinfo|groups\.google|listserv|abmelden|désabonner"
"""Somewhere below a line of underscores, which is how Mailman begins its footer."""

DISCLAIMER = (
    r"(?:this|the information in this|diese|die in dieser|cet?|le présent|este|esta|"
    r"il presente|questo|questa|dit|deze"
    r"|niniejsza|ta|detta|denne) (?:e-?mail|message|communication|mail|nachricht|courriel|"
    r"courrier|correo|mensaje"
    r"|mensagem|messaggio|bericht|wiadomość|meddelande|e-?postmeddelande|besked).{0,160}"
    r"(?:confiden|vertraulich|riservat|vertrouwelijk|poufn|konfidenti|fortroli)"
)
"""Begins a last paragraph that a lawyer wrote."""
