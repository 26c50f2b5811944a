"""What the sender typed, in the shapes that mail clients make."""

from __future__ import annotations

import pytest

from parley.mail.typed_text import typed_from_html, typed_text

REPLY_HEADERS = [
    "On Mon, Feb 3, 2020 at 10:11 AM Ann Lee <ann@mill.example> wrote:",
    "On Mon, Feb 3, 2020 at 10:11 AM Ann Lee <ann@mill.example>\nwrote:",
    "On Mon, Feb 3, 2020 at 10:11 AM Ann Lee\n<ann@mill.example>\nwrote:",
    "On Monday, February 3, 2020 at 10:11:12 AM UTC+1,\nAnn Lee from the Mill\n<ann.lee.of.the.old.mill@mill.example>\nwrote:",
    "On 3 Feb 2020, at 10:11, Ann Lee wrote:",
    "On 03/02/2020 10:11, Ann Lee wrote:",
    "On 2020-02-03 10:11, ann@mill.example wrote:",
    "At 10:11 AM 2/3/2020, Ann Lee wrote:",
    "Ann Lee <ann@mill.example> wrote:",
    "Ann Lee <ann@mill.example> writes:",
    "Mon, 3 Feb 2020 10:11:12 +0100 Ann Lee <ann@mill.example>:",
    "2020-02-03 10:11 GMT+01:00 Ann Lee <ann@mill.example>:",
    '03.02.2020, 10:11, "Ann Lee" <ann@mill.example>:',
    "Am Mo., 3. Feb. 2020 um 10:11 Uhr schrieb Ann Lee <\nann@mill.example>:",
    "Am 03.02.2020 um 10:11 schrieb Ann Lee:",
    "Ann Lee <ann@mill.example> schrieb am Mo., 3. Feb. 2020, 10:11:",
    "Ann Lee <ann@mill.example> hat am 03.02.2020 10:11 geschrieben:",
    "Le lun. 3 févr. 2020 à 10:11, Ann Lee <ann@mill.example> a écrit :",
    "Le 3 févr. 2020 à 10:11, Ann Lee <ann@mill.example> a\nécrit\u00a0:",
    "El lun, 3 feb 2020 a las 10:11, Ann Lee (<ann@mill.example>)\nescribió:",
    "El 3 feb 2020, a las 10:11, Ann Lee <ann@mill.example> escribió:",
    "Em seg., 3 de fev. de 2020 às 10:11, Ann Lee <ann@mill.example>\nescreveu:",
    "A segunda, 3/02/2020, 10:11, Ann Lee <ann@mill.example> escreveu:",
    "Il giorno lun 3 feb 2020 alle ore 10:11 Ann Lee <ann@mill.example>\nha scritto:",
    "Il 03/02/2020 10:11, Ann Lee ha scritto:",
    "Op ma 3 feb. 2020 om 10:11 schreef Ann Lee <ann@mill.example>:",
    "Op 3 feb. 2020 om 10:11 heeft Ann Lee <ann@mill.example> het volgende geschreven:",
    "pon., 3 lut 2020 o 10:11 Ann Lee <ann@mill.example> napisał(a):",
    "W dniu 03.02.2020 o 10:11, Ann Lee pisze:",
    "Wiadomość napisana przez Ann Lee <ann@mill.example> w dniu 3 lut 2020, o godz. 10:11:",
    "Ann Lee <ann@mill.example> ezt írta (időpont: 2020. febr. 3., H, 10:11):",
    "2020. 02. 03. 10:11 keltezéssel, Ann Lee írta:",
    "Den mån 3 feb. 2020 kl 10:11 skrev Ann Lee <ann@mill.example>:",
    "Den man. 3. feb. 2020 kl. 10.11 skrev Ann Lee <ann@mill.example>:",
    "man. 3. feb. 2020 kl. 10:11 skrev Ann Lee <ann@mill.example>:",
    "ma 3. helmik. 2020 klo 10.11 Ann Lee (ann@mill.example) kirjoitti:",
    "po 3. 2. 2020 v 10:11 odesílatel Ann Lee <ann@mill.example> napsal:",
    "Dne 3. 2. 2020 v 10:11 Ann Lee napsal(a):",
    "пн, 3 февр. 2020 г. в 10:11, Ann Lee <ann@mill.example>:",
    "3 февр. 2020 г., в 10:11, Ann Lee <ann@mill.example> написал(а):",
    "пн, 3 лют. 2020 р. о 10:11 Ann Lee <ann@mill.example> пише:",
    "Missatge de Ann Lee <ann@mill.example> del dia dl., 3 de febr. 2020 a les 10:11:",
    "lun., 3 feb. 2020 la 10:11, Ann Lee <ann@mill.example> a scris:",
    "3 Şub 2020 Pzt, 10:11 tarihinde Ann Lee <ann@mill.example>\nşunu yazdı:",
    "Στις Δευ, 3 Φεβ 2020 στις 10:11 π.μ., ο χρήστης Ann Lee <ann@mill.example> έγραψε:",
    "2020年2月3日(月) 10:11 Ann Lee <ann@mill.example>:",
    "2020/02/03 10:11、Ann Lee <ann@mill.example>のメール:",
    "Ann Lee <ann@mill.example> 于2020年2月3日周一 上午10:11写道：",
    "在 2020年2月3日，上午10:11，Ann Lee <ann@mill.example> 写道：",
    "2020년 2월 3일 (월) 오전 10:11, Ann Lee <ann@mill.example>님이 작성:",
    "Vào Th 2, 3 thg 2, 2020 vào lúc 10:11 Ann Lee <ann@mill.example> đã viết:",
    "---- On Mon, 03 Feb 2020 10:11:12 +0100 Ann Lee <ann@mill.example> wrote ----",
    "--- On Mon, 2/3/20, Ann Lee <ann@mill.example> wrote:",
    "-----Original Message-----",
    "----- Ursprüngliche Nachricht -----",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "-----Mensagem Original-----",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "-----Oryginalna wiadomość-----",
    "-----Eredeti üzenet-----",
    "-----Ursprungligt meddelande-----",
    "---------- Forwarded message ---------",
    "-------- Weitergeleitete Nachricht --------",
    "Begin forwarded message:",
    "Anfang der weitergeleiteten Nachricht:",
    "Début du message réexpédié :",
]

BLOCKS = [
    "From: Ann Lee <ann@mill.example>\nSent: Monday, February 3, 2020 10:11 AM\nTo: Bo Kim <bo@lake.example>\nSubject: The mill",
    "*From:* Ann Lee [mailto:ann@mill.example]\n*Sent:* Monday, February 3, 2020 10:11 AM\n*To:* bo@lake.example\n*Subject:* The mill",
    "From: Ann Lee <ann@mill.example>\nDate: Monday, 3 February 2020 at 10:11\nTo: Bo <bo@lake.example>\nSubject: The mill",
    "From: Ann Lee <ann@mill.example>\nSent: Monday, February 3, 2020 10:11 AM\nTo: Bo Kim <bo@lake.example>; Cy Poe\n <cy@lake.example>; Di Fox <di@lake.example>\nCc: Ed Roe\nSubject: The mill",
    "Von: Ann Lee <ann@mill.example>\nGesendet: Montag, 3. Februar 2020 10:11\nAn: Bo Kim\nBetreff: Die Mühle",
    'Gesendet: Montag, 03. Februar 2020 um 10:11 Uhr\nVon: "Ann Lee" <ann@mill.example>\nAn: bo@lake.example\nBetreff: Die Mühle',
    "De : Ann Lee <ann@mill.example>\nEnvoyé : lundi 3 février 2020 10:11\nÀ : Bo Kim\nObjet : Le moulin",
    "De: Ann Lee <ann@mill.example>\nEnviado el: lunes, 3 de febrero de 2020 10:11\nPara: Bo Kim\nAsunto: El molino",
    "De: Ann Lee <ann@mill.example>\nEnviada em: segunda-feira, 3 de fevereiro de 2020 10:11\nPara: Bo Kim\nAssunto: O moinho",
    "Da: Ann Lee <ann@mill.example>\nInviato: lunedì 3 febbraio 2020 10:11\nA: Bo Kim\nOggetto: Il mulino",
    "Van: Ann Lee <ann@mill.example>\nVerzonden: maandag 3 februari 2020 10:11\nAan: Bo Kim\nOnderwerp: De molen",
    "Od: Ann Lee <ann@mill.example>\nWysłano: poniedziałek, 3 lutego 2020 10:11\nDo: Bo Kim\nTemat: Młyn",
    "Feladó: Ann Lee <ann@mill.example>\nElküldve: 2020. február 3., hétfő 10:11\nCímzett: Bo Kim\nTárgy: A malom",
    "Från: Ann Lee <ann@mill.example>\nSkickat: den 3 februari 2020 10:11\nTill: Bo Kim\nÄmne: Kvarnen",
    "Fra: Ann Lee <ann@mill.example>\nSendt: 3. februar 2020 10:11\nTil: Bo Kim\nEmne: Møllen",
    "Odesílatel: Ann Lee <ann@mill.example>\nOdesláno: pondělí 3. února 2020 10:11\nKomu: Bo Kim\nPředmět: Mlýn",
    "От: Ann Lee <ann@mill.example>\nОтправлено: понедельник, 3 февраля 2020 г. 10:11\nКому: Bo Kim\nТема: Мельница",
    "差出人: Ann Lee <ann@mill.example>\n送信日時: 2020年2月3日 10:11\n宛先: Bo Kim\n件名: 水車",
    "发件人: Ann Lee <ann@mill.example>\n发送时间: 2020年2月3日 10:11\n收件人: Bo Kim\n主题: 磨坊",
    "发件人：Ann Lee <ann@mill.example>\n发送时间：2020年2月3日 10:11\n收件人：Bo Kim\n主题：磨坊",
]

QUOTED = "The wheel is broken again.\n\nAnn"


@pytest.mark.parametrize("header", REPLY_HEADERS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_a_reply_header_and_what_follows_it_is_not_typed(header, mark):
    quoted = "\n".join(mark + line for line in QUOTED.split("\n"))
    assert typed_text(f"I can mend it on Friday.\n\n{header}\n\n{quoted}\n") == "I can mend it on Friday."


@pytest.mark.parametrize("header", REPLY_HEADERS)
def test_a_header_right_under_the_typed_words_takes_none_of_them(header):
    body = f"I can mend it on Friday\nif it is dry\n{header}\n> {QUOTED}"
    assert typed_text(body).startswith("I can mend it on Friday\nif it is dry")


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("above", ["", "_" * 40 + "\n", "-----Original Message-----\n"])
def test_a_header_block_ends_the_typed_words(block, above):
    assert (
        typed_text(f"I can mend it on Friday.\n\n{above}{block}\n\n{QUOTED}\n") == "I can mend it on Friday."
    )


@pytest.mark.parametrize("block", BLOCKS)
def test_line_ends_do_not_matter(block):
    body = f"I can mend it on Friday.\n\n{block}\n\n{QUOTED}\n"
    assert (
        typed_text(body.replace("\n", "\r\n"))
        == typed_text(body.replace("\n", "\r"))
        == "I can mend it on Friday."
    )


def test_answers_between_quotes_survive():
    body = (
        "On Mon, Feb 3, 2020 at 10:11 AM Ann <ann@mill.example> wrote:\n"
        "> Can you come on Friday?\n\nYes, at nine.\n\n> Who pays?\nThe parish does.\n> Ann\n"
    )
    assert typed_text(body) == "Yes, at nine.\n\nThe parish does."


def test_an_answer_below_the_quote_survives():
    assert typed_text("On 02/03/2020 10:11 AM, Ann wrote:\n> Friday?\nYes.") == "Yes."


def test_the_wrapped_end_of_a_long_quoted_line_is_quoted():
    long = "> the miller says that the wheel has been turning the wrong way since the"
    assert typed_text(f"Good to know.\n\n{long}\nlast flood\n> and nobody saw it") == "Good to know."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nBo Kim\nLake House",
        "--\nBo Kim",
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy smartphone.",
        "Von meinem iPhone gesendet",
        "Gesendet von Outlook für Android",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Wysłane z iPhone'a",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Отправлено с iPhone",
        "iPhoneから送信",
        "发自我的 iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "-Bo Kim",
        "---\nThis email has been checked for viruses by Avast.\nhttps://www.avast.example",
        "This e-mail and any attachments are confidential and intended\nsolely for the addressee.",
        "Bo Kim\nMiller\nbo@lake.example\n+44 20 7946 0000",
        "_______________________________________________\nMill mailing list\nmill@lists.example\nhttps://lists.example/mill",
    ],
)
def test_signatures_are_not_typed(signature):
    assert typed_text(f"I can mend it on Friday.\n\n{signature}\n") == "I can mend it on Friday."
    quoted = "On Mon, Feb 3, 2020 at 10:11 AM Ann <ann@mill.example> wrote:\n> Friday?"
    assert typed_text(f"I can mend it on Friday.\n\n{signature}\n\n{quoted}\n") == "I can mend it on Friday."


@pytest.mark.parametrize(
    "body",
    [
        "One\n\n---\n\nTwo",
        "One\n\n***\n\nTwo",
        "One\n\n______\n\nTwo",
        "Thanks,\nBo",
        "Sent from my desk, which is easier than the mobile phone.",
        "On your side you can run:\n\n    mill --turn",
        "As I wrote on 3/5/2024:\n\nthe wheel must turn.",
        "From: here we walk\nto: the lake, then home.",
        "-- a dash at the start is no signature\nand this follows",
        "Items:\n\n- wheel\n- belt",
        "- wheel\n\n- Belt",
        "Call one of these:\n\nAnn\nann@mill.example\n+44 20 7946 0000",
        "My plan:\nMonday: wheel\nTuesday: belt\nDate: open",
        "Subject: to change",
        "From: 10:00\nTo: 11:00\nSubject: planning",
        "Sent: flour\nFrom: the mill\nTo: the lake\nSubject: bread",
        "One\n\n---\n\nThe mailing list is at https://lists.example",
        ">From the mill you see the lake.",
    ],
)
def test_what_only_looks_like_a_quote_or_a_signature_is_kept(body):
    assert typed_text(body) == body


def test_closing_and_name_are_kept():
    body = "I can mend it on Friday.\n\nBest regards,\nBo"
    assert typed_text(f"{body}\n\n-----Original Message-----\nFrom: ann@mill.example\n") == body


TRANSCRIPTS = [
    "Ann: Good morning.\nBo: Morning. From: the lake?\nAnn: To: the mill.\nBo: On Friday we wrote:\nAnn: yes",
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Ann>Good morning.</v>\n\n2\n00:00:03.000 --> 00:00:04.000\nBo: Hello.",
    ">> ANN: Good morning.\nWelcome to the mill.\n>> BO: Thank you.\nLet us begin with the wheel.",
    "Ann Lee  00:01\nGood morning.\n\nBo Kim  00:04\nOn 3 May 2024 at 10:00 we met.\n--\nThe belt is next.\n"
    + "More of it.\n" * 40
    + "End.",
    "<ann> good morning\n<bo> ACTION: bo to mend the wheel\n<ann> -- \n<bo> done",
]


@pytest.mark.parametrize("transcript", TRANSCRIPTS)
def test_a_transcript_is_left_alone(transcript):
    assert typed_text(transcript) == transcript


def test_only_a_forwarded_mail_leaves_nothing_typed():
    assert (
        typed_text("---------- Forwarded message ---------\nFrom: Ann <ann@mill.example>\n\nAnn: Hello.")
        == ""
    )
    assert typed_text("") == ""


HTML_QUOTES = [
    '<div class="gmail_quote">On Mon, Feb 3, 2020 at 10:11 AM Ann &lt;ann@mill.example&gt; wrote:<br><blockquote class="gmail_quote">Friday?</blockquote></div>',
    '<div class="moz-cite-prefix">On 03/02/2020 10:11, Ann wrote:</div><blockquote type="cite">Friday?</blockquote>',
    '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Ann<br></div><div>Friday?</div>',
    '<hr id="stopSpelling">Date: Mon, 3 Feb 2020 10:11:12 +0100<br>From: ann@mill.example<br>To: bo@lake.example<br>Friday?',
    '<span id="OLK_SRC_BODY_SECTION"><div>Friday?</div></span>',
    '<div class="yahoo_quoted"><div>On Monday Ann wrote:</div><div>Friday?</div></div>',
    "<hr><b>Von:</b> Ann &lt;ann@mill.example&gt;<br><b>Gesendet:</b> Montag, 3. Februar 2020 10:11<br><b>An:</b> Bo<br><b>Betreff:</b> Mühle<br><p>Friday?</p>",
    '<p>03.02.2020, 10:11, "Ann" &lt;ann@mill.example&gt;:</p><blockquote>Friday?</blockquote>',
    '<div class="protonmail_quote">------- Original Message -------<br>Friday?</div>',
    '<blockquote style="border-left: 1px solid blue">Friday?</blockquote>',
]


@pytest.mark.parametrize("quote", HTML_QUOTES)
def test_quotes_in_html_are_known_by_their_mark_up(quote):
    html = (
        f"<html><head><style>p {{}}</style></head><body><p>I can mend it.</p><p>Bo</p>{quote}</body></html>"
    )
    assert typed_from_html(html) == "I can mend it.\n\nBo"


def test_answers_between_html_quotes_survive():
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, Feb 3, 2020 at 10:11 AM Ann &lt;a@mill.example&gt; wrote:</div>'
        '<blockquote class="gmail_quote">Friday?</blockquote><div>Yes.</div><blockquote class="gmail_quote">Who pays?</blockquote>'
        "<div>The parish.</div></div>"
    )
    assert typed_from_html(html) == "Yes.\n\nThe parish."


def test_an_indented_html_paragraph_is_typed():
    assert (
        typed_from_html("<p>I cite the law:</p><blockquote>Mills turn.</blockquote>")
        == "I cite the law:\n\nMills turn."
    )


@pytest.mark.parametrize("mark", ["pre", 'div style="white-space: pre-wrap"'])
def test_preformatted_html_keeps_its_lines(mark):
    html = f"<p>See:</p><{mark}>Ann: Good morning.\nBo: Hello.\n  and more</{mark.split()[0]}><p>End</p>"
    assert typed_from_html(html).split("\n\n") in (
        ["See:", "Ann: Good morning.\nBo: Hello.\n  and more", "End"],
        ["See:", "Ann: Good morning.\nBo: Hello.\n  and more\nEnd"],
    )


def test_hidden_html_is_not_read():
    assert typed_from_html('<div style="display: none">secret</div><p>Open</p><script>x()</script>') == "Open"


def test_a_marked_signature_is_not_typed_unless_it_is_all_there_is():
    for mark in ('class="gmail_signature"', 'id="Signature"'):
        signature = f"<div {mark}><p>Bo Kim, miller</p></div>"
        assert typed_from_html(f"<p>I can mend it.</p>{signature}") == "I can mend it."
        assert typed_from_html(signature) == "Bo Kim, miller"


def test_very_deep_html_is_not_lost():
    assert "bottom" in typed_from_html("<div>" * 9000 + "bottom" + "</div>" * 9000)


def test_html_decides_where_the_body_shows_no_quote():
    html = '<p>Yes.</p><blockquote type="cite">Can you come on Friday?</blockquote><p>The parish.</p>'
    assert typed_text("Yes.\n\nCan you come on Friday?\n\nThe parish.", html=html) == "Yes.\n\nThe parish."
    assert typed_text("", html=html) == "Yes.\n\nThe parish."


def test_html_of_another_text_decides_nothing():
    html = '<p>Something else entirely.</p><blockquote type="cite">Friday?</blockquote>'
    assert typed_text("Plain words.", html=html) == "Plain words."


def test_the_quote_below_a_long_transcript_is_still_found():
    talk = "\n".join(f"Ann: turn number {i}: and so on." for i in range(30_000))
    assert typed_text(f"{talk}\n\n{BLOCKS[0]}\n\n{QUOTED}") == talk
    assert typed_text(f"{talk}\n\n{REPLY_HEADERS[2]}\n\n{QUOTED}") == talk


def test_a_signature_is_no_longer_than_a_signature():
    talk = "\n".join(f"Turn number {i}" for i in range(60))
    assert typed_text(f"Hello.\n\n-- \n{talk}") == f"Hello.\n\n-- \n{talk}"


@pytest.mark.parametrize(
    "line",
    [
        "Get Outlook installed on the tablet by Friday.",
        "Download the android app first.",
        "Sent by mobile courier.",
        "Rapor gönderildi",
    ],
)
def test_what_is_asked_about_devices_is_kept(line):
    assert typed_text(f"Please:\n\n{line}") == f"Please:\n\n{line}"


def test_a_body_beyond_every_limit_is_read():
    assert typed_text("From: a@b.example\n" * 50_000 + "End.").endswith("End.")
    assert len(typed_text("a" * 9_000_000)) == 8_000_000


TYPED = "The flour goes out at noon."
BELOW = [
    # An attribution over several lines, the date in its own.
    "On Feb 3, 2020,\nat 10:11,\nAnn Lee <ann@mill.example> wrote:\n\n> Noon?",
    "On February 3, 2020\nat 10:11 AM\nAnn Lee <ann@mill.example>\nwrote:\n\n> Noon?",
    "Am 3. Februar 2020\num 10:11\nschrieb Ann Lee <ann@mill.example>:\n\n> Mittag?",
    "Le 3 février 2020,\nà 10:11,\nAnn Lee <ann@mill.example> a écrit :\n\n> Midi ?",
    "Den 3. feb. 2020,\nkl. 10.11,\nskrev Ann Lee <ann@mill.example>:\n\n> Middag?",
    # The end of the address wrapped, its bracket first in a line.
    "tir. 3. feb. 2020 kl. 10:11 skrev Ann Lee <ann.lee@mill.example\n>:\n\n> Middag?",
    "On Mon, Feb 3, 2020 at 10:11 AM Ann Lee <ann.lee@mill.example\n> wrote:\n\n> Noon?",
    "Le lun. 3 févr. 2020 à 10:11, Ann Lee <ann.lee@mill.example\n> a écrit :\n\n> Midi ?",
    "El lun, 3 feb 2020 a las 10:11, Ann Lee (<ann.lee@mill.example\n>) escribió:\n\n> ¿Mediodía?",
    # What was written stands below without a mark.
    "On Feb 3, 2020 you wrote:\n\nDoes noon suit you?",
    "On 3 February 2020 Ann wrote:\n\nDoes noon suit you?",
    "Am 03.02.2020 schrieben Sie:\n\nPasst Mittag?",
    "Le 03/02/2020 vous avez écrit :\n\nMidi vous va ?",
    # No colon.
    "On Mon, 3 Feb 2020 10:11:12 +0100 Ann Lee <ann@mill.example> wrote\n\nDoes noon suit you?",
    "On 2020-02-03 10:11, Ann Lee <ann@mill.example> wrote\n\nDoes noon suit you?",
    "Am 03.02.2020 um 10:11 Ann Lee <ann@mill.example> schrieb\n\nPasst Mittag?",
    # Header blocks below rules and separators of any wording.
    "==================\n\nMessage du : 03/02/2020 10:11\nDe : Ann <ann@mill.example>\nA : bo@lake.example\nCopie à :\nSujet : midi\n\nMidi ?",
    "-------- Oprindelig besked --------\nFra: Ann <ann@mill.example>\nDato: 03.02.2020 10.11\nTil: bo@lake.example\nEmne: Middag\n\nMiddag?",
    "------ Opprinnelig e-post ------\nFra: Ann <ann@mill.example>\nDato: 03.02.2020 10.11\nTil: bo@lake.example\nEmne: Middag\n\nMiddag?",
    "-------- Mail von vorhin --------\nVon: Ann <ann@mill.example>\nDatum: 03.02.2020 10:11\nAn: bo@lake.example\nBetreff: Mittag\n\nMittag?",
    "----- Forwarded Message ----- From: Ann <ann@mill.example>To: Bo <bo@lake.example>Sent: Monday, February 3, 2020 at 10:11:12 AM GMT+1Subject: Noon\n Does noon suit you?",
    "----- Weitergeleitete Nachricht ----- Von: Ann <ann@mill.example>An: Bo <bo@lake.example>Gesendet: Montag, 3. Februar 2020 um 10:11 MEZBetreff: Mittag\n Passt Mittag?",
    # A phone's footer, and the old text that it puts below.
    "Sent from my Fairbuds Q7 LTE\n\nOld words of the thread.",
    "Sent from my Ulefone Armor\n\nOld words.\n\nMore of them.",
    "Gesendet von Outlook für iOS\n\nAlte Worte.",
    "Von meinem Cat S75 gesendet\n\nAlte Worte.",
    "Envoyé de mon Crosscall\n\nVieux mots.",
    "Get Outlook for Android\n\nOld words.",
    # A quoted line that transport broke.
    "On Feb 3, 2020 at 10:11, Ann <ann@mill.example> wrote:\n> a line that the gateway broke just here and\nnever marked again.\n> The end.",
    "On Feb 3, 2020 at 10:11, Ann <ann@mill.example> wrote:\n> the miller asked whether the\nsecond wheel turns.\n>",
    # More of each, written after the others held.
    "Le 3 févr. 2020\nà 10:11,\nAnn Lee <ann@mill.example>\na écrit :\n\n> Midi ?",
    "Il giorno lun 3 feb 2020 alle ore 10:11 Ann Lee (<ann.lee@mill.example\n>) ha scritto:\n\n> Ora?",
    "Op 3 februari 2020 schreef u:\n\nSchikt de middag?",
    "Den 3. februar 2020 skrev du:\n\nPasser middag?",
    "El 3/02/2020 usted escribió:\n\n¿Le va bien?",
    "----- Mensagem de 3/2/2020 -----\nDe: Ann <ann@mill.example>\nEnviada em: 3/02/2020 10:11\nPara: bo@lake.example\nAssunto: Hora\n\nHora?",
    "----- Message transféré ----- De : Ann <ann@mill.example>À : Bo <bo@lake.example>Envoyé : lundi 3 février 2020 à 10:11Objet : Midi\n Midi ?",
    "Sendt fra min Nothing Phone (2a)\n\nGamle ord.",
    "Sent from my work tablet\n\nOld words.",
    "Verstuurd vanaf mijn Fairphone 5\n\nOude woorden.",
    "On Feb 3, 2020 at 10:11, Ann <ann@mill.example> wrote:\n> so that everybody in the village could\nsee the wheel turn.\n> Bye.",
    # The footers of lists.
    "__\nmill mailing list\nmill@lists.example\nhttps://lists.example/listinfo/mill",
    "____\nTo unsubscribe from this group, write to mill+leave@lists.example",
    "__\nMühlen-Verteiler\nabmelden: https://lists.example/mill",
]


@pytest.mark.parametrize("below", BELOW)
def test_what_stands_below_the_typed_words_is_not_typed(below):
    assert typed_text(f"{TYPED}\n\n{below}\n") == TYPED


@pytest.mark.parametrize(
    "body",
    [
        "Sent from my side there is nothing to add, it works.",
        "Sent from my iPhone\n\nThe flour goes out at noon.",
        "On Feb 3, 2020 you wrote to the mill, and I answered.",
        "They told us what Ann wrote\n\nand that was all.",
        "> Noon?\nyes\n> One?\nno",
        "--- Plan: flour To: lake From: mill ---\n\nand bread",
        "----- Agenda -----\n\nWheel, belt, flour.",
        "One\n__\nTwo",
    ],
)
def test_what_only_resembles_them_is_kept(body):
    kept = [line for line in body.split("\n") if line and not line.startswith((">", "Sent from my iPhone"))]
    found = typed_text(body)
    assert [line for line in found.split("\n") if line] == kept
