"""Words that mark a bounce or a complaint: regular expressions over case-folded text."""

from __future__ import annotations

SUBJECT = (
    r"\[bounce\]|undeliver|non-?deliver|not deliver|(?:could not|cannot|unable to|"
    r"failed to) (?:be )?(?:deliver|send)|delivery (?:has )?(?:fail|status|report|error|problem|delay|"
    r"notification|warning|unsuccessful)|(?:mail|message) delivery|returned? (?:mail|message|to sender)|"
    r"mail returned|returning message|failure notice|(?:fail|reject|bounc|return)ed (?:e?-?mail|message|"
    r"delivery)|(?:mail|message) (?:failure|system error|error|rejected|blocked|refused)|"
    r"bounce notification|warning: (?:message|could not)|user unknown|unknown (?:user|address)|"
    r"not (?:a )?member|loop alert|duplicated? message-id|email feedback report|(?:abuse|spam) report|"
    r"unbekannt|unzustellbar|nicht zuste|nicht zugestellt|zustellung fehlgeschlagen|zustellungsfehler|"
    r"non remis|non distribuable|échec de la remise|non délivré|no se (?:puede|pudo) entregar|"
    r"no entregado|error de entrega|não entregue|não foi possível entregar|falha na entrega|"
    r"non recapitabile|mancato recapito|impossibile recapitare|onbestelbaar|niet afgeleverd|niedostarcz|"
    r"nie dostarczono|zwrot wiadomości|det gick inte att leverera|kunne ikke leveres|nedoručiteln|"
    r"kézbesíthetetlen|не удалось доставить|недоставлен|не доставлено|配信(?:できません|不能|に失敗|"
    r"失敗|エラー)|送信(?:に失敗|できません|エラー)|エラーメール|退信|无法投递|無法傳遞|未传递|배달되지|"
    r"전송 실패|반송|iletilemedi|teslim edilemedi|ei voitu toimittaa"
)
"""Somewhere in the subject of a bounce; people write so too."""

COMPLAINT = r"complaint about message from \[?[\d.:a-f]+"
"""The subject with which providers report a complaint."""

DAEMON = (
    r"mail deliver\w* (?:sub|system|service|agent)|mail administrator|mailer-daemon|delivery subsystem|"
    r"microsoft outlook \(bounce|internet mail delivery|interscan|mail system\b"
)
"""Display names of From that only a mail system has."""

TEXT = (
    r"(?:message|mail|delivery)\w* (?:\w+ ){0,3}(?:could not|couldn't|was not|wasn't|cannot|can't|"
    r"has not) be? ?(?:\w+ ){0,2}(?:delivered|sent)|delivery (?:has failed|to the following|"
    r"status notification)|undeliver|invalid final delivery|unable to deliver|failed to deliver|"
    r"original message follows|(?:unknown|no such) (?:local )?user|user (?:is )?unknown|"
    r"unknown local-part|invalid (?:user|recipient)|mailbox (?:is )?(?:full|unavailable)|over quota|"
    r"recipient (?:address )?(?:rejected|unknown)|(?:permanent|fatal) errors|transcript of session|"
    r"(?:diagnostic-code|final-recipient|reporting-mta|mail from|rcpt to):|returned (?:to you|message)|"
    r"this is the (?:mail system at|qmail)|not (?:a )?member"
)
"""In the first lines of a bounce."""
