"""The words by which join details are known, language by language; each is an alternative of a pattern."""

from __future__ import annotations

SECRETS = (
    "tilgangskode|parola|geçiş kodu|cod de acces|wachtwoordcode|tunnuskoodi|přístupový kód|секретный код"
    "|код доступу|κωδικός πρόσβασης|رمز المرور|קוד גישה|סיסמה|mật mã|kode sandi|gast code"
    "|código de invitado|salasana|tunnussana|adgangskode"
    "|adgangskoden|heslo|hasło dostępu|暗証番号|pass code"
    "|pass word|passwd|pwd|passphrase|access code|access key|entry code|join code|meeting code"
    "|meeting key|meeting password|conference code|conference key|conf code|webinar code|room code"
    "|host code|host key|participant code|attendee code|attendee access code|guest code|moderator code|pw"
    "|leader code|presenter code|security code|dial in code|audio code|bridge code|kenncode|gästecode"
    "|kennwort|passwort|zugangscode|zugriffscode|einwahlcode|teilnehmercode|teilnehmerkennwort"
    "|moderatorencode|konferenzcode|sicherheitscode|host schlüssel|besprechungscode|mot de passe|mdp"
    "|code secret|code d'accès|code d accès|code confidentiel|code de la réunion|code de réunion"
    "|code de conférence|code de la conférence|code participant|code du participant|code modérateur"
    "|clé d'hôte|clé de l'hôte|clé secrète|contraseña|código de acceso|clave de acceso"
    "|código de la reunión|código de reunión|código secreto|código de participante|código de conferencia"
    "|código de seguridad|clave del anfitrión|codice di accesso|codice d'accesso|codice accesso"
    "|codice riunione|codice della riunione|codice segreto|codice partecipante|codice conferenza"
    "|parola d'ordine|parola d'accesso|senha|palavra passe|código de acesso|código da reunião"
    "|código de reunião|código do participante|código da conferência|chave do anfitrião|wachtwoord"
    "|toegangscode|vergadercode|vergaderwachtwoord|deelnemerscode|deelnemercode|hostsleutel|lösenord"
    "|lösenkod|åtkomstkod|möteskod|deltagarkod|mötets lösenord|passord|hasło|kod dostępu|kod spotkania"
    "|kod uczestnika|kod konferencji|kod bezpieczeństwa|klucz hosta|jelszó|jelszava|belépési kód"
    "|belépőkód|hozzáférési kód|titkos kód|résztvevői kód|résztvevőkód|пароль|код доступа|код-пароль"
)
"""A value after `:` may be a plain word."""

NUMBERS = (
    "mandantenschlüssel|mandanten id|tenant key|kennung|the code|phone code|kode|kokouskoodi|pääsykoodi"
    "|pin|pin code|pin number|pin nummer|pin kód|code pin|codice pin|kod pin|host pin|código pin"
    "|meeting id|meeting number|meeting no|meeting identifier|conference id|conference number|conf id"
    "|phone conference id|video conference id|webinar id|webinar number|event number|session number"
    "|personal meeting id|pmi|zoom id|teams id|webex id|webex number|attendee id|participant id"
    "|bridge number|room number id|vtc id|vc id|conference bridge|access number|join id|konferenz id"
    "|konferenzkennung|konferenznummer|besprechungs id|besprechungsnummer|besprechungskennung"
    "|meeting kennnummer|meeting nummer|sitzungs id|sitzungsnummer|kennnummer|teilnehmer id"
    "|veranstaltungsnummer|telefonkonferenz id|video id|videokonferenz id|id de réunion|id de la réunion"
    "|id réunion|identifiant de réunion|identifiant de la réunion|identifiant réunion|numéro de réunion"
    "|numéro de la réunion|n° de réunion|id de conférence|id de la conférence"
    "|id de conférence téléphonique|identifiant de conférence|numéro de conférence|id de webinaire"
    "|id du webinaire|id participant|id de conferencia|id de la conferencia|id de conferencia telefónica"
    "|identificador de reunión|identificador de la reunión|número de conferencia|id de seminario web"
    "|id del seminario web|id riunione|id della riunione|id conferenza|id conferenza telefonica"
    "|id della conferenza|numero riunione|numero della riunione|id webinar|id meeting|id da reunião"
    "|id de reunião|id reunião|id da conferência|número da reunião|identificação da reunião|id do webinar"
    "|id. de reunión|id. de la reunión|id. de conferencia|id. riunione|id. da reunião|vergader id"
    "|vergaderings id|vergadering id|id vergadering|vergadernummer|vergaderingsnummer|conferentie id"
    "|conferentienummer|telefonische vergadering id|mötes id|möte id|mötesnummer|konferens id"
    "|konferensnummer|møde id|møte id|identyfikator spotkania|id spotkania|numer spotkania"
    "|identyfikator konferencji|id konferencji|numer konferencji|identyfikator webinaru"
    "|értekezlet azonosító|értekezlet azonosítója|konferencia azonosító|konferencia azonosítója"
    "|telefonkonferencia azonosítója|meeting azonosító|találkozó azonosítója|webinárium azonosító"
    "|идентификатор конференции|код конференции"
)
"""A value has digits."""

COMPOUNDS = "passcode|password|kennwort|passwort|kenncode|zugangscode|wachtwoord|lösenord|jelszó|jelszava"
"""Found at the end of a longer word too: `Besprechungskennwort`."""

UNSPACED = (
    "パスワード|パスコード|アクセスコード|暗証番号|参加コード|ホストキー|ピンコード|ミーティングコード|会議コード"
    "|密码|密碼|口令|访问码|訪問碼|接入码|接入碼|验证码|驗證碼|主持人密钥"
    "|主持人密鑰|入会码|入會碼|会议码|會議碼|비밀번호|암호|액세스 코드"
    "|ミーティング id|会議 id|会議番号|ミーティング番号|ウェビナー id|会议号|會議號|会议 id|會議 id"
    "|会议编号|會議編號|会议识别码|腾讯会议|騰訊會議"
    "|会议密码|會議密碼|入会密码|参会密码|参会码|会議パスワード|회의 id"
)
"""Labels of languages that put no blanks between words."""

BARE = "code|pass|kod|kode|codice|código|clave|chave|key|schlüssel"
"""Too common to be labels, unless they begin a piece of the text and `:` follows."""

SAID = "is|are|will be|lautet|ist|heißt|est|sera|es|è|sarà|är|jest|to jest|luidt|は|是|为|為"
"""Stands between a label and its value as `:` does."""

BEFORE = (
    "the|your|our|my|this|use|enter|with|using|and|or|der"
    "|die|das|den|dem|dein|deine|ihr|ihre|unser|und|mit|le"
    "|la|les|votre|notre|et|avec|el|su|con|il|lo|e|o|a|az|het|de|uw|en|och|med|zoom|teams|webex|google|meet"
    "|phone|video|audio|numeric|numeric meeting|event|webinar|session|conference|host|join"
)
"""Goes with the label that it stands before."""

FILLERS = "for|to|of|für|zum|zur|pour|du|de|des|para|per|della|del|da|voor|till|do|dla|az"
"""`PIN for this call: 1234`."""

ENTER = (
    "enter|type in|key in|press|enter code|eingeben"
    "|tippen|saisissez|tapez|introduzca|marque|digite|inserisci"
    "|inserire|insira|toets|ange|wpisz"
)
"""A number after one of them is a code where the piece of text ends, or one of ASKED follows."""

ASKED = "when|if|and|to|at|as|for|wenn|und|sobald|nach|quand|lorsque|et|puis|cuando|y|quando|e|als|en|när|och"

DIALS = (
    "call|bridge|dial|dial in|dial by phone|call in|toll free|freephone|phone|phone number|telephone|tel"
    "|mobile|cell|handy|one tap|one tap mobile|one click|local number|audio|voip|einwahl|einwahlnummer"
    "|einwählen|telefon|telefonnummer|rufnummer|numéro|composez|appelez|teléfono|marcar|marque|llame"
    "|componi|chiama|telefone|ligue|disque|telefoon|bel|inbellen|ring|zadzwoń|hívja|telefonszám"
    "|betárcsázás|fax"
)
"""A number after one of them is a telephone's, with or without a `+`."""

UNSPACED_DIALS = "ダイヤルイン|電話番号|電話|电话|電話號碼|电话号码|拨打|撥打"

HOSTS = (
    "zoom.us|zoom.com|zoomgov.com|zoom.com.cn"
    "|zoomcrc.com|zm.rtc|meet.google.com|tel.meet|hangouts.google.com"
    "|teams.microsoft.com|teams.microsoft.us"
    "|teams.live.com|teams.cloud.microsoft|meet.lync.com|join.skype.com"
    "|webex.com|gotomeeting.com|gotomeet.me|gotowebinar.com|meet.goto.com|app.goto.com|join.me|whereby.com"
    "|bluejeans.com|bjn.vc|meet.jit.si|8x8.vc|chime.aws|ringcentral.com|discord.gg|starleaf.com"
    "|lifesizecloud.com|lifesize.com|meeting.tencent.com|meeting.dingtalk.com|vc.feishu.cn|vc.larksuite.com"
    "|meet.zoho.com|meeting.zoho.com|meet.zoho.eu|meeting.zoho.eu|pexip.me|uberconference.com"
    "|freeconferencecall.com|fccdl.in|daily.co|kmeet.infomaniak.com|meet.proton.me|telemost.yandex.ru"
    "|gather.town|livestorm.co|dialpad.com|clickmeeting.com|meet.brevo.com|connect.vonage.com|unhangout.io"
)
"""Whatever stands below these leads into a room."""

SHORTENERS = "aka.ms|g.co|discord.com"
"""They lead anywhere, and with a path into a room."""

SCHEMES = "msteams|ms-teams|zoommtg|zoomus|zoomphonecall|sips?|h323|callto|lync15|lync"

ROOM_HOSTS = (
    r"zoomcrc\.com|zmeu\.us|bjn\.vc|m\.webex\.com|lync\.webex\.com|vc\.webex\.com|plcm\.vc|pexip\.me|8x8\.vc"
    r"|onpexip\.com|thread\.v2|lifesizecloud\.com|video\.goto\.com|inroomlink\.goto\.com"
)
"""Addresses there are rooms, not people."""

JOINING = (
    "join|dial|dial-in|dialin|tap|click|call-in"
    "|calling|einwählen|einwahl|beitreten|teilnehmen|rejoindre|participer"
    "|unirse|únase|entrar|partecipa|ingressar|deelnemen|anslut|dołącz|csatlakozás"
)
"""One of them makes a heading of a line of PLACES."""

PLACES = (
    "zoom|teams|team|webex|meet|google|microsoft|ms"
    "|skype|gotomeeting|goto|bluejeans|whereby|jitsi|chime|slack"
    "|link|links|url|uri|web|video|audio|call"
    "|conference|meeting|online|bridge|phone|telephone|tel|mobile|fax"
    "|cell|number|numbers|local|your|by|in|on|at|to|the"
    "|a|an|or|and|via|with|from|using|here|this|our|location"
    "|room|where|one|invite|invitation|details|info|us|uk|de|fr|toll|free|sip|h.323|h323|pc|mac|ios|android"
    "|computer|app|browser|device|system|access|it|now|directly|more|find|videocall|videoconference|vc|vtc"
    "|hangouts|hangout|please|use|scheduled|add|live|stream|der|die|das|den|zur|zum|am|per|mit|oder"
    "|besprechung|videokonferenz|telefon|nummer|hier|klicken|ort|le|la|lien|du|par|ou|réunion|visio"
    "|visioconférence|téléphone|numéro|lieu|el|enlace"
    "|reunión|por|o|teléfono|número|il|collegamento|riunione"
    "|telefono|reunião|da|ligação|telefone|het|vergadering"
    "|aan|möte|länk|till|spotkanie|spotkania|do|értekezlet"
    "|hivatkozás|リンク|链接|会议链接|連結"
)
"""What a link or a number is announced with; a label of nothing but these goes with it."""
