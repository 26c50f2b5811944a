# ruff: noqa: RUF001 (the words of other alphabets are data here, and look alike on purpose)
"""Words that mail clients write above a quoted or forwarded mail, in many languages.

Sources: the clients themselves and the reply header lists of the reply
parsers for Ruby, Python and Node. All words are case-folded.
"""

from __future__ import annotations

COLONS = (":", "：")
DASHES = "-_*=—–"
"""What a rule or a separator line is made of."""

WROTE = (
    r"wrote|writes|missatge de|schrieb|schrieben|schreibt|geschrieben|schreef|"
    r"geschreven|écrit|ecrit|escribió|escribio|escribe|escreveu|scritto|scrive|napisał|napisała|napisał\(a\)|napisal|napisal\(a\)|napisana|"
    r"pisze|napsal|napsala|napsal\(a\)|napísal|napísala|napísal\(a\)|napisao|napisala|írta|"
    r"irta|skrev|"
    r"skriver|skreiv|kirjoitti|написал|написала|написал\(а\)|пишет|"
    r"пишете|пише|написав|написала\(в\)|"
    r"написа|yazdı|yazmış|a scris|scris|έγραψε|menulis|viết|escrit|escriure|rašė|"
    r"rakstīja|kirjutas|"
    r"skrifaði|כתב|כתבה|כתב/ה|כתב\(ה\)|كتب|كتبت|tulis"
)
"""A word for "wrote", between word boundaries; a regular expression."""

WROTE_CJK = r"写道|寫道|のメール|書きました|書いた|님이 작성|작성|เขียนว่า|于.{0,40}写|的邮件"
"""The same where words have no boundaries."""

STARTERS = (
    "on am le el em il op den dne dnia w a as at in vào pada pe în klo kl στις på на в "
    "у dňa 在 于 於 ב "
    "בתאריך في zitat quoting citando citát citat missatge wiadomość mensaje mensagem no mon tue wed "
    "thu fri sat sun monday tuesday wednesday thursday friday saturday sunday mo di mi do fr sa so "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag lun mar mer jeu ven sam dim lundi "
    "mardi mercredi jeudi vendredi samedi dimanche mié mie jue vie sáb sab dom lunes martes "
    "miércoles jueves viernes sábado domingo seg ter qua qui sex segunda terça quarta quinta sexta "
    "giorno gio ma wo za zo maandag dinsdag woensdag donderdag vrijdag zaterdag zondag pon wt śr sr "
    "czw pt sob niedz ndz po út st čt pá ne poniedziałek wtorek środa czwartek piątek sobota "
    "niedziela man tir ons tor tors fre lör lør søn sön tis mån uto sri čet pet sub ned пн "
    "вт ср чт "
    "пт сб вс понедельник вторник среда четверг "
    "пятница суббота воскресенье нд ti ke to la su hé"
)
"""First words of a reply header, between blanks: a preposition or a weekday."""

FROM = (
    "from|von|de|da|van|od|feladó|från|fra|от|від|差出人|送信者|发件人|寄件者|寄件人|"
    "보낸 사람|보낸사람|kimden|gönderen|"
    "lähettäjä|de la|από|expéditeur|remitente|remetente|mittente|afzender|nadawca|odosielateľ|"
    "odesílatel|absender|avsändare|afsender|avsender|отправитель|expeditor|발신|"
    "발신자|pošiljatelj|מאת|من|"
    "từ|dari|จาก|frá|küldő"
)
SENT = (
    "sent|date|message du|date sent|sent on|gesendet|datum|gesendet am|envoyé|envoyé le|date d'envoi|enviado|"
    "enviado el|fecha|enviada em|enviado em|data|enviada|inviato|inviata|data invio|verzonden|"
    "verzonden op|wysłano|wysłane|data wysłania|küldve|elküldve|dátum|küldés ideje|skickat|"
    "datum sänt|sendt|dato|odesláno|datum odeslání|odoslané|dátum odoslania|"
    "отправлено|дата|"
    "надіслано|送信日時|日付|日時|发送时间|日期|发送日期|時間|时间|寄件日期|傳送時間|"
    "보낸 날짜|보낸날짜|날짜|gönderme tarihi|gönderilen|"
    "gönderildi|tarih|lähetetty|päivämäärä|päiväys|trimis|dată|στάλθηκε|"
    "ημερομηνία|poslano|נשלח|"
    "תאריך|تاريخ الإرسال|التاريخ|ngày|đã gửi|tanggal|terkirim|ส่ง|วันที่|erstellt|créé"
)
TO = (
    "to|an|à|a|para|per|aan|do|címzett|till|til|komu|кому|宛先|收件人|收件者|받는 사람|"
    "받는사람|kime|alıcı|"
    "vastaanottaja|către|catre|προς|destinataire|destinatario|destinatário|empfänger|za|אל|"
    "إلى|đến|"
    "kepada|ถึง|adresat|odbiorca|mottagare"
)
CC = (
    "cc|bcc|kopie|copie|copia|copie à|kópia|másolatot kap|másolat|kopia|kopi|копия|"
    "копія|抄送|副本|참조|"
    "bilgi|kopio|κοιν|dw|udw|c.c|cópia|cci|cco|reply-to|responder a|antwort an|répondre à|"
    "organization|importance|priorität|wichtigkeit|importancia|priority|attachments|anlagen|"
    "pièces jointes|betreff anlagen"
)
SUBJECT = (
    "subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|temat|tárgy|targy|ämne|emne|"
    "předmět|predmet|predmět|тема|件名|主题|主旨|主題|标题|제목|konu|aihe|subiect|"
    "θέμα|नाम|נושא|الموضوع|chủ đề|"
    "subjek|subyek|เรื่อง|zadeva|efni"
)

ORIGINAL = (
    "original message|oprindelig besked|original-nachricht|ursprüngliche nachricht|originalnachricht|"
    "original nachricht|message d'origine|message original|message d’origine|mensaje original|"
    "mensagem original|messaggio originale|oorspronkelijk bericht|origineel bericht|"
    "originele bericht|oryginalna wiadomość|wiadomość oryginalna|original message follows|"
    "eredeti üzenet|ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|original besked|"
    "original meddelelse|opprinnelig melding|původní zpráva|původní e-mail|pôvodná správa|"
    "исходное сообщение|оригинальное сообщение|"
    "первоначальное сообщение|вихідне повідомлення|"
    "元のメッセージ|"
    "オリジナルメッセージ|original appointment|原始邮件|原始郵件|原始信件|원본 메시지|"
    "원본 메일|orijinal mesaj|özgün ileti|"
    "orijinal ileti|alkuperäinen viesti|mesaj original|mesajul original|"
    "αρχικό μήνυμα|reply message|"
    "ursprüngliche mail|ursprüngliche e-mail|forwarded by|reply above this line|vorgängige nachricht|"
    "missatge original|thư gốc|pesan asli|izvorna poruka|reply to message|urspr. nachricht|"
    "ursprungsnachricht|quoted message|inline reply|mail original|e-mail d'origine|courriel d'origine"
)
"""Inside dashes: `-----Original Message-----`."""

FORWARD = (
    "forwarded message|weitergeleitete nachricht|weitergeleitete mail|weitergeleitete e-mail|"
    "message transféré|message transmis|message réexpédié|message transfere|mensaje reenviado|"
    "mensagem encaminhada|mensagem reencaminhada|messaggio inoltrato|inizio messaggio inoltrato|"
    "doorgestuurd bericht|forwarded message follows|begin doorgestuurd bericht|przekazana wiadomość|"
    "wiadomość przekazana dalej|treść przekazanej wiadomości|wiadomość przekazana|"
    "továbbított üzenet|"
    "továbbított levél|vidarebefordrat meddelande|vidarebefordrat brev|videresendt meddelelse|"
    "videresendt besked|videresendt melding|přeposlaná zpráva|preposlaná správa|"
    "пересылаемое сообщение|пересланное сообщение|"
    "переслане повідомлення|"
    "перенаправленное сообщение|"
    "転送メッセージ|転送されたメッセージ|forwarded mail|转发邮件|轉寄郵件|转发的邮件|"
    "已转发邮件|轉寄的郵件|전달된 메시지|전달된 메일|iletilen mesaj|"
    "yönlendirilen mesaj|iletilmiş ileti|välitetty viesti|edelleenlähetetty viesti|"
    "mesaj redirecționat|mesaj redirectionat|mesaj transmis mai departe|"
    "προωθημένο μήνυμα|"
    "προωθούμενο μήνυμα|forwarded email|forwarded e-mail|missatge reenviat|"
    "proslijeđena poruka|"
    "posredovano sporočilo|tin nhắn đã được chuyển tiếp|thư đã chuyển tiếp|pesan terusan|"
    "הודעה שהועברה|رسالة مُعاد توجيهها|رسالة معاد توجيهها|ข้อความที่ส่งต่อ|prosljeđena poruka|"
    "прехвърлено съобщение"
)
"""Inside dashes: `---------- Forwarded message ---------`."""

BEGIN_FORWARD = (
    "begin forwarded message|anfang der weitergeleiteten nachricht|"
    "anfang der weitergeleiteten e-mail|début du message réexpédié|début du message transféré|"
    "inicio del mensaje reenviado|início da mensagem reencaminhada|início da mensagem encaminhada|"
    "inizio messaggio inoltrato|inizio del messaggio inoltrato|begin doorgestuurd bericht|"
    "begin doorgestuurde bericht|początek przekazywanej wiadomości|"
    "początek wiadomości przekazanej dalej|továbbított levél kezdete|továbbított üzenet kezdete|"
    "vidarebefordrat brev|börja vidarebefordrat brev|start på videresendt besked|videresendt melding|"
    "begynnelse på videresendt melding|začátek přeposlané zprávy|přeposlaná zpráva|"
    "začiatok preposlanej správy|"
    "начало переадресованного сообщения|"
    "начало переадресованного письма|"
    "початок листа, що пересилається|転送されたメッセージ|"
    "以下は、転送されたメッセージです|下面是被转发的邮件|開始轉寄郵件|开始转发的邮件|"
    "전달된 메시지|"
    "iletilen ileti başlangıcı|iletilen mesajın başı|välitetty viesti alkaa|välitetty viesti|"
    "mesaj redirecționat|έναρξη προωθημένου μηνύματος|"
    "inici del missatge reenviat|forwarded message"
)
"""A whole line that ends with a colon, as Apple Mail writes it."""
