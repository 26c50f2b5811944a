"""template.yaml keeps its promises, and local/template.py reads it as it is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from local.template import load_template
from parley.errors import RequestError
from parley.insights.worker import MOST_RECEIVES
from parley.ledger.table import Index
from parley.mail.outgoing import TAG
from parley.settings import (
    BackendSettings,
    DeliverySettings,
    JobsSettings,
    PipelineSettings,
    ScheduledSettings,
)

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = load_template(ROOT / "template.yaml")
RESOURCES = TEMPLATE.document["Resources"]
SETTINGS = {
    "InboundEmail": PipelineSettings,
    "DeliveryEvents": DeliverySettings,
    "Scheduled": ScheduledSettings,
    "BackendApi": BackendSettings,
    "AnalysisJobs": JobsSettings,
}

# What only a deployment knows, as the embedded stack would say it.
VALUES = {
    "Bucket": "mail",
    "RunsTable": "runs",
    "DataTable": "data",
    "HttpApi.ApiEndpoint": "http://127.0.0.1:8000",
    "ReplyFrom": "parley@example.org",
    "ApiAuthToken": "secretsmanager:parley/token",
    "EmailsQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/emails",
    "JobsQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs",
    "ReplyEvents": "parley-events",
    "LedgerKey": "arn:aws:secretsmanager:us-east-1:123456789012:secret:ledger",
}


def of_type(kind):
    return {name: r.get("Properties", {}) for name, r in RESOURCES.items() if r["Type"] == kind}


def statements(document, found=None):
    """Every policy statement anywhere below, the branches of !If included."""
    found = [] if found is None else found
    if isinstance(document, dict):
        if "Effect" in document:
            found.append(document)
        for value in document.values():
            statements(value, found)
    elif isinstance(document, list):
        for value in document:
            statements(value, found)
    return found


def listed(value):
    return value if isinstance(value, list) else [value]


# ---- the fault model's numbers ------------------------------------------------


def sources():
    return [(function, source) for function in TEMPLATE.functions for source in function.sources]


def test_each_queue_feeds_its_function():
    assert [(f.name, s.queue) for f, s in sources()] == [
        ("InboundEmail", "EmailsQueue"),
        ("DeliveryEvents", "DeliveryEventsQueue"),
        ("AnalysisJobs", "JobsQueue"),
    ]


def test_the_worker_s_last_attempt_is_the_queue_s():
    """So that a job that failed says so, and its message is a dead letter, which has an alarm."""
    assert TEMPLATE.queue("JobsQueue").max_receive_count == MOST_RECEIVES


@pytest.mark.parametrize(("function", "source"), sources(), ids=lambda x: getattr(x, "name", ""))
def test_a_message_stays_hidden_for_six_timeouts(function, source):
    assert TEMPLATE.queue(source.queue).visibility_timeout >= 6 * function.timeout


@pytest.mark.parametrize(("function", "source"), sources(), ids=lambda x: getattr(x, "name", ""))
def test_a_batch_fails_message_by_message_and_has_a_bound(function, source):
    assert source.partial_failures
    assert source.maximum_concurrency is not None
    assert source.batch_size <= 10


@pytest.mark.parametrize(("function", "source"), sources(), ids=lambda x: getattr(x, "name", ""))
def test_a_poison_message_is_dead_lettered_and_kept_for_two_weeks(function, source):
    queue = TEMPLATE.queue(source.queue)
    assert queue.max_receive_count >= 5
    dead = TEMPLATE.queue(queue.dead_letters)
    assert queue.retention == dead.retention == 14 * 24 * 3600


def test_a_notification_that_sns_cannot_deliver_has_its_own_dead_letter_queue():
    (subscription,) = TEMPLATE.subscriptions
    assert (subscription.topic, subscription.queue, subscription.raw) == ("EmailsTopic", "EmailsQueue", False)
    queue = TEMPLATE.queue(subscription.queue)
    assert subscription.dead_letters not in (None, queue.dead_letters)
    assert TEMPLATE.queue(subscription.dead_letters).retention == 14 * 24 * 3600


def test_every_dead_letter_queue_has_an_alarm():
    dead = {q.dead_letters for q in TEMPLATE.queues} | {s.dead_letters for s in TEMPLATE.subscriptions}
    alarms = [a for a in of_type("AWS::CloudWatch::Alarm").values() if a["Namespace"] == "AWS/SQS"]
    watched = {alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for alarm in alarms}
    assert watched == dead - {None}
    assert all(alarm["Threshold"] == 0 for alarm in alarms)


def test_raw_mail_outlives_every_redrive_and_what_scheduled_forgets():
    days = TEMPLATE.document["Parameters"]["RetentionDays"]
    assert days["Default"] == min(days["AllowedValues"]) == 2 * 14
    expires = TEMPLATE.document["Mappings"]["RawMailExpires"]
    assert [int(name) for name in expires] == days["AllowedValues"]
    # What a run ended with is forgotten first; two weeks are left for what never came to an end.
    assert all(row["Days"] >= int(name) + 14 for name, row in expires.items())
    rules = of_type("AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    assert expiring == {
        "raw/": {"Fn::FindInMap": ["RawMailExpires", {"Ref": "RetentionDays"}, "Days"]},
        "data/_answers/": 2,
        "uploads/": 1,
    }
    assert TEMPLATE.function("Scheduled").environment["RETENTION_DAYS"] == {"Ref": "RetentionDays"}


# ---- what SES tells of replies ---------------------------------------------------


def test_all_that_settles_a_reply_is_published_to_the_bus():
    (destination,) = of_type("AWS::SES::ConfigurationSetEventDestination").values()
    assert destination["ConfigurationSetName"] == {"Ref": "ReplyEvents"}
    events = destination["EventDestination"]
    assert events["Enabled"] is True
    # As CloudFormation spells them.
    assert set(events["MatchingEventTypes"]) == {
        "send",
        "delivery",
        "bounce",
        "complaint",
        "reject",
        "deliveryDelay",
    }
    # SES publishes to the default bus alone.
    assert events["EventBridgeDestination"]["EventBusArn"]["Fn::Sub"].endswith(":event-bus/default")


def test_events_of_our_own_replies_alone_reach_the_queue():
    (rule,) = of_type("AWS::Events::Rule").values()
    assert rule["EventPattern"] == {
        "source": ["aws.ses"],
        "detail": {"mail": {"tags": {TAG: [{"exists": True}]}}},
    }
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["DeliveryEventsQueue", "Arn"]}
    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["DeliveryEventsDeadLetters", "Arn"]}


def test_only_our_own_rule_may_write_to_the_queue_of_events():
    (statement,) = statements(RESOURCES["DeliveryEventsQueuePolicy"])
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["ReplyEventsRule", "Arn"]}}
    }
    queues = ["DeliveryEventsQueue", "DeliveryEventsDeadLetters"]
    assert statement["Resource"] == [{"Fn::GetAtt": [queue, "Arn"]} for queue in queues]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "parley-events"),
        ({"SesRegion": "us-east-1"}, "parley-events"),
        ({"SesConfigurationSet": "theirs"}, "theirs"),
        ({"SesConfigurationSet": "theirs", "SesRegion": "eu-west-1"}, "theirs"),
        # SES would refuse a set of another region, and with it the reply.
        ({"SesRegion": "eu-west-1"}, ""),
    ],
)
def test_replies_are_sent_with_a_configuration_set_that_exists(given, expected):
    environment = TEMPLATE.environment("inbound_email", {**VALUES, **given})
    assert environment["SES_CONFIGURATION_SET"] == expected


def test_the_stack_makes_a_configuration_set_only_where_none_is_given():
    for kind in ("AWS::SES::ConfigurationSet", "AWS::SES::ConfigurationSetEventDestination"):
        (made,) = [r for r in RESOURCES.values() if r["Type"] == kind]
        assert made["Condition"] == "MakesConfigurationSet"


# ---- what is kept --------------------------------------------------------------


def test_tables_are_on_demand_encrypted_and_backed_up():
    for name, table in of_type("AWS::DynamoDB::Table").items():
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name
        assert table["SSESpecification"] == {"SSEEnabled": True}, name


def test_both_tables_forget_only_what_says_so():
    assert TEMPLATE.table("RunsTable").ttl == "expires_at"
    assert TEMPLATE.table("DataTable").ttl == "expires_at"


def test_the_ledger_is_found_by_its_own_indexes():
    indexes = TEMPLATE.table("RunsTable").indexes
    assert set(indexes) == {str(index) for index in Index}
    assert all(key.partition == name for name, key in indexes.items())
    assert indexes["waiting"].sort == "since"


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::S3::Bucket"])
def test_deleting_the_stack_keeps_the_data(kind):
    kept = [r for r in RESOURCES.values() if r["Type"] == kind]
    assert kept
    assert all(r["DeletionPolicy"] == r["UpdateReplacePolicy"] == "Retain" for r in kept)


def test_the_bucket_is_private_and_encrypted():
    bucket = of_type("AWS::S3::Bucket")["Bucket"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    denied = [s for s in statements(of_type("AWS::S3::BucketPolicy")) if s["Effect"] == "Deny"]
    assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy"])
def test_only_our_own_receipt_rule_may_speak_as_ses(kind):
    policies = statements(of_type(kind))
    allowed = [s for s in policies if s["Principal"] == {"Service": "ses.amazonaws.com"}]
    assert len(allowed) == 1
    condition = allowed[0]["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    (rule,) = of_type("AWS::SES::ReceiptRule").values()
    assert condition["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(
        ":receipt-rule-set/${ReceiptRuleSet}:receipt-rule/" + rule["Rule"]["Name"]
    )


def test_mail_is_scanned_and_written_below_raw():
    (rule,) = of_type("AWS::SES::ReceiptRule").values()
    assert rule["Rule"]["ScanEnabled"] is True
    assert rule["Rule"]["Recipients"] == {"Ref": "Recipients"}
    (action,) = rule["Rule"]["Actions"]
    assert action["S3Action"] == {
        "BucketName": {"Ref": "Bucket"},
        "ObjectKeyPrefix": "raw/",
        "TopicArn": {"Ref": "EmailsTopic"},
    }


# ---- who may do what -----------------------------------------------------------


def allowed(role):
    return {action: s for s in statements(RESOURCES[role]) for action in listed(s["Action"])}


def test_no_statement_allows_every_action_or_every_resource():
    for statement in statements(RESOURCES):
        if statement["Effect"] == "Deny":
            continue
        assert not [a for a in listed(statement["Action"]) if "*" in a], statement
        assert "*" not in listed(statement.get("Resource", "")), statement


def test_functions_bring_their_own_roles():
    for name, function in of_type("AWS::Serverless::Function").items():
        assert function["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
        assert "Policies" not in function
        assert "ManagedPolicyArns" not in RESOURCES[f"{name}Role"]["Properties"]


def test_inbound_email_reads_raw_mail_and_can_tell_that_it_is_absent():
    actions = allowed("InboundEmailRole")
    assert actions["s3:GetObject"]["Resource"] == {"Fn::Sub": "${Bucket.Arn}/raw/*"}
    assert actions["s3:ListBucket"]["Condition"] == {"StringLike": {"s3:prefix": "raw/*"}}


def test_inbound_email_keeps_the_journal_and_reaches_no_business_data():
    actions = allowed("InboundEmailRole")
    journal = {name: s["Resource"] for name, s in actions.items() if name.startswith("dynamodb:")}
    assert set(journal) == {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}
    index = {"Fn::Sub": "${RunsTable.Arn}/index/delivery"}
    for resource in journal.values():
        assert resource == [{"Fn::GetAtt": ["RunsTable", "Arn"]}, index]


def test_inbound_email_can_back_its_messages_off():
    resource = allowed("InboundEmailRole")["sqs:ChangeMessageVisibility"]["Resource"]
    assert resource == {"Fn::GetAtt": ["EmailsQueue", "Arn"]}


def test_delivery_events_settles_replies_and_reaches_nothing_else():
    actions = allowed("DeliveryEventsRole")
    journal = {name: s["Resource"] for name, s in actions.items() if name.startswith("dynamodb:")}
    table = {"Fn::GetAtt": ["RunsTable", "Arn"]}
    assert journal == {
        "dynamodb:GetItem": table,
        "dynamodb:PutItem": table,
        "dynamodb:Query": {"Fn::Sub": "${RunsTable.Arn}/index/name"},
    }
    assert actions["sqs:DeleteMessage"]["Resource"] == {"Fn::GetAtt": ["DeliveryEventsQueue", "Arn"]}
    assert not [name for name in actions if name.startswith(("s3:", "ses:", "events:"))]


def test_scheduled_lists_raw_mail_and_puts_messages_into_the_one_queue():
    actions = allowed("ScheduledRole")
    assert actions["s3:ListBucket"]["Condition"] == {"StringLike": {"s3:prefix": "raw/*"}}
    assert actions["sqs:SendMessage"]["Resource"] == {"Fn::GetAtt": ["EmailsQueue", "Arn"]}
    indexes = [{"Fn::Sub": "${RunsTable.Arn}/index/" + name} for name in ("delivery", "waiting")]
    assert actions["dynamodb:Query"]["Resource"] == [{"Fn::GetAtt": ["RunsTable", "Arn"]}, *indexes]
    assert not [name for name in actions if name.startswith(("ses:", "secretsmanager:", "ssm:"))]


def test_scheduled_forgets_raw_mail_without_reading_it():
    objects = {name: s["Resource"] for name, s in allowed("ScheduledRole").items() if "Object" in name}
    raw = {"Fn::Sub": "${Bucket.Arn}/raw/*"}
    assert objects == {"s3:DeleteObject": raw, "s3:DeleteObjectVersion": raw}


def test_nothing_but_retention_and_erasure_deletes_from_the_journal():
    deleting = {
        name
        for name in RESOURCES
        if name.endswith("Role")
        for s in statements(RESOURCES[name])
        if "dynamodb:DeleteItem" in listed(s["Action"]) and "RunsTable" in str(s["Resource"])
    }
    assert deleting == {"ScheduledRole", "BackendApiRole"}


def test_a_round_ends_before_the_next_begins_and_is_not_repeated():
    (event,) = of_type("AWS::Serverless::Function")["Scheduled"]["Events"].values()
    assert (event["Type"], event["Properties"]["Schedule"]) == ("Schedule", "rate(15 minutes)")
    assert TEMPLATE.function("Scheduled").timeout < 15 * 60
    invoked = of_type("AWS::Serverless::Function")["Scheduled"]["EventInvokeConfig"]
    assert invoked == {"MaximumRetryAttempts": 0}


def test_replies_come_from_our_address_alone():
    condition = allowed("InboundEmailRole")["ses:SendRawEmail"]["Condition"]
    assert condition == {
        "StringLike": {
            "ses:FromAddress": {
                "Fn::If": ["HasReplyFromPattern", {"Ref": "ReplyFromPattern"}, {"Ref": "ReplyFrom"}]
            }
        }
    }


def test_backend_api_erases_raw_mail_and_cannot_read_it():
    allows = [s for s in statements(RESOURCES["BackendApiRole"]) if "Resource" in s]
    actions = {action for s in allows if "/raw/" in str(s["Resource"]) for action in listed(s["Action"])}
    assert actions == {"s3:DeleteObject", "s3:DeleteObjectVersion"}
    (journal,) = [s for s in allows if "RunsTable" in str(s["Resource"])]
    assert journal["Resource"] == [
        {"Fn::GetAtt": ["RunsTable", "Arn"]},
        {"Fn::Sub": "${RunsTable.Arn}/index/delivery"},
        {"Fn::Sub": "${RunsTable.Arn}/index/waiting"},
    ]


def test_backend_api_signs_uploads_and_puts_off_analyses_and_sends_no_mail():
    actions = allowed("BackendApiRole")
    uploads = [s for s in statements(RESOURCES["BackendApiRole"]) if "/uploads/" in str(s.get("Resource"))]
    assert [s["Action"] for s in uploads] == [["s3:GetObject", "s3:PutObject"]]
    assert {a for a in actions if a.startswith(("ses:", "sqs:"))} == {"sqs:SendMessage"}
    assert actions["sqs:SendMessage"]["Resource"] == {"Fn::GetAtt": ["JobsQueue", "Arn"]}


def test_analysis_jobs_keeps_the_journal_and_reaches_no_business_data():
    actions = allowed("AnalysisJobsRole")
    journal = {name: s["Resource"] for name, s in actions.items() if name.startswith("dynamodb:")}
    table = {"Fn::GetAtt": ["RunsTable", "Arn"]}
    assert journal == {"dynamodb:PutItem": table, "dynamodb:Query": table}
    assert actions["sqs:DeleteMessage"]["Resource"] == {"Fn::GetAtt": ["JobsQueue", "Arn"]}
    assert not [name for name in actions if name.startswith(("s3:", "ses:"))]


@pytest.mark.parametrize("role", ["InboundEmailRole", "DeliveryEventsRole", "AnalysisJobsRole"])
@pytest.mark.parametrize(
    ("scheme", "condition"), [("secretsmanager", "TokenInSecretsManager"), ("ssm", "TokenInParameterStore")]
)
def test_a_secret_is_readable_only_where_it_is_kept(role, scheme, condition):
    (policy,) = RESOURCES[role]["Properties"]["Policies"]
    branches = [s["Fn::If"] for s in policy["PolicyDocument"]["Statement"] if "Fn::If" in s]
    (branch,) = [b for b in branches if b[0] == condition]
    assert branch[1]["Action"].startswith(scheme + ":Get")
    assert branch[2] == {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize("parameter", ["ApiAuthToken", "OpenAiApiKey"])
def test_a_secret_cannot_be_given_in_the_clear(parameter):
    pattern = TEMPLATE.document["Parameters"][parameter]["AllowedPattern"]
    assert re.match(pattern, "secretsmanager:parley/token")
    assert re.match(pattern, "ssm:/parley/token")
    assert not re.match(pattern, "sk-abcdef")


# ---- functions -----------------------------------------------------------------


@pytest.mark.parametrize("name", SETTINGS)
def test_each_variable_is_one_settings_field_and_the_other_way_round(name):
    declared = set(TEMPLATE.function(name).environment)
    assert declared == {field.name.upper() for field in fields(SETTINGS[name])}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_environment_of_the_template_makes_settings(name):
    environment = TEMPLATE.environment(name, VALUES)
    settings = SETTINGS[name].from_env(environment)
    kept = "data_table" if name == "BackendApi" else "runs_table"
    assert getattr(settings, kept) == VALUES["".join(map(str.capitalize, kept.split("_")))]


def test_every_function_has_settings_and_a_handler():
    assert {function.name for function in TEMPLATE.functions} == set(SETTINGS)
    for function in TEMPLATE.functions:
        module, _, name = function.handler.partition(".")
        source = ROOT / "lambdas" / function.folder / f"{module}.py"
        assert f"def {name}(" in source.read_text() or f"{name} = " in source.read_text()


def test_functions_run_python_3_13_on_the_architecture_of_the_parameter():
    shared = TEMPLATE.document["Globals"]["Function"]
    assert shared["Runtime"] == "python3.13"
    assert shared["Architectures"] == [{"Ref": "Arch"}]
    assert TEMPLATE.parameters()["Arch"] == "arm64"
    assert shared["Layers"] == [{"Ref": "ParleyLayer"}]


def test_the_access_log_writes_no_path_since_paths_hold_addresses():
    (api,) = of_type("AWS::Serverless::HttpApi").values()
    assert set(re.findall(r"\$context\.(\w+)", api["AccessLogSettings"]["Format"])) == {
        "requestId",
        "httpMethod",
        "status",
        "responseLatency",
    }


def test_every_log_is_ours_and_expires():
    groups = of_type("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups.values())
    for name, function in of_type("AWS::Serverless::Function").items():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups, name


# ---- local/template.py ---------------------------------------------------------


@pytest.mark.parametrize("name", ["InboundEmail", "inbound_email"])
def test_a_function_goes_by_both_its_names(name):
    function = TEMPLATE.function(name)
    assert (function.name, function.folder, function.handler) == (
        "InboundEmail",
        "inbound_email",
        "handler.lambda_handler",
    )


def test_an_unknown_function_is_answered_with_the_known_ones():
    with pytest.raises(
        RequestError, match=r"'inbound'.*InboundEmail \(inbound_email\), .*BackendApi \(backend_api\)"
    ):
        TEMPLATE.function("inbound")


@pytest.mark.parametrize("ask", [TEMPLATE.table, TEMPLATE.queue])
def test_an_unknown_table_or_queue_is_answered_too(ask):
    with pytest.raises(RequestError, match="Nothing"):
        ask("Nothing")


def test_variables_are_resolved_from_resources_attributes_and_defaults():
    environment = TEMPLATE.environment("inbound_email", VALUES)
    assert environment["API_BASE_URL"] == "http://127.0.0.1:8000/v1"
    assert environment["RUNS_TABLE"] == "runs"
    assert environment["SES_REGION"] == "us-east-1"
    assert environment["LLM_PROVIDER"] == "rules"


def test_a_condition_picks_the_other_branch():
    environment = TEMPLATE.environment("inbound_email", {**VALUES, "SesRegion": "eu-west-1"})
    assert environment["SES_REGION"] == "eu-west-1"


def test_a_name_without_a_value_is_named():
    with pytest.raises(RequestError, match="a value for Bucket"):
        TEMPLATE.environment("inbound_email", {})


def test_a_table_says_how_to_create_it():
    arguments = TEMPLATE.table("DataTable").create_arguments("data")
    assert set(arguments) == {
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "BillingMode",
        "GlobalSecondaryIndexes",
    }
    assert arguments["TableName"] == "data"
    assert TEMPLATE.table("DataTable").indexes["gsi1"].partition == "gsi1pk"


def test_rules_and_configuration_sets_are_read():
    (rule,) = TEMPLATE.rules
    assert (rule.name, rule.queues) == ("ReplyEventsRule", ("DeliveryEventsQueue",))
    assert rule.pattern["source"] == ["aws.ses"]
    assert TEMPLATE.configuration_sets == ("ReplyEvents",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "is not YAML"),
        ("just words", "has no Resources"),
        ("Resources: {Q: {Properties: {}}}", "no usable template"),
        (
            "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {RedrivePolicy: {}, VisibilityTimeout: soon}}}",
            "usable",
        ),
        ("Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {}}}", "no usable template"),
        ("Resources: {F: {Type: 'AWS::Serverless::Function', Properties: 7}}", "no usable template"),
    ],
)
def test_a_broken_template_is_one_sentence(tmp_path, text, complaint):
    path = tmp_path / "template.yaml"
    path.write_text(text)
    with pytest.raises(RequestError, match=complaint):
        load_template(path)


def test_an_absent_template_is_one_sentence(tmp_path):
    with pytest.raises(RequestError, match="cannot read the template"):
        load_template(tmp_path / "template.yaml")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("!Sub 'x-${Bucket}-${!Literal}'", "x-mail-${Literal}"),
        ("!Sub ['${Own}:${Bucket}', {Own: !Ref Bucket}]", "mail:mail"),
        ("!Join ['-', [a, !Ref Bucket]]", "a-mail"),
        ("!Select [1, !Split [':', 'a:b']]", "b"),
        ("!If [True_, !GetAtt HttpApi.ApiEndpoint, no]", "http://127.0.0.1:8000"),
        ("!If [False_, a, b]", "b"),
        ("3", "3"),
    ],
)
def test_intrinsic_functions(tmp_path, value, result):
    path = tmp_path / "template.yaml"
    path.write_text(
        "Conditions:\n  True_: !And [!Equals [a, a], !Not [!Equals [a, b]]]\n  False_: !Or [!Equals [a, b]]\n"
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n"
        f"      Handler: handler.run\n      Environment: {{Variables: {{V: {value}}}}}\n"
    )
    assert load_template(path).environment("f", VALUES) == {"V": result}


@pytest.mark.parametrize(
    ("value", "complaint"),
    [("!ImportValue x", "ImportValue"), ("!If [Nowhere, a, b]", "Nowhere"), ("!Select [9, [a]]", "no sense")],
)
def test_an_intrinsic_without_meaning_is_one_sentence(tmp_path, value, complaint):
    path = tmp_path / "template.yaml"
    path.write_text(
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n"
        f"      Handler: handler.run\n      Environment: {{Variables: {{V: {value}}}}}\n"
    )
    with pytest.raises(RequestError, match=complaint):
        load_template(path).environment("f", VALUES)


# ---- locks ---------------------------------------------------------------------

LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-sam.txt", "shared/requirements.txt"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock):
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(entries) > 40
    assert [
        entry
        for entry in entries
        if not re.match(r"[a-z0-9._-]+(\[[^\]]*\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_index_or_a_host(lock):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", (ROOT / lock).read_text())


def test_the_layer_and_the_embedded_stack_pin_the_same_versions():
    def pins(lock):
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+) ", (ROOT / lock).read_text(), re.MULTILINE))

    layer, stack, dev = (
        pins(lock) for lock in ("shared/requirements.txt", "requirements.txt", "requirements-dev.txt")
    )
    assert {name: stack[name] for name in layer} == layer
    assert {name: dev[name] for name in stack if name != "networkx"} == {
        n: v for n, v in stack.items() if n != "networkx"
    }
