import json
import socket
import urllib.request

import pytest

from local.template import load_template
from tests.running_stack import running_stack

TEMPLATE = load_template()


@pytest.mark.parametrize("function", TEMPLATE.functions, ids=lambda one: one.folder)
def test_env_is_all_that_another_process_needs(stack, function):
    # What is the user's own secret is in the user's own environment.
    assert set(function.environment) - {"OPENAI_API_KEY"} <= set(stack.env)


def test_env_leads_to_this_stack(stack):
    assert stack.env["AWS_ENDPOINT_URL"] == stack.where["aws_endpoint_url"]
    assert stack.env["API_BASE_URL"] == stack.where["api_base_url"]
    assert stack.where["api_base_url"].endswith("/v1")


def test_replies_are_sent_with_a_configuration_set_that_is_there(stack):
    name = stack.env["SES_CONFIGURATION_SET"]
    described = stack.client("ses").describe_configuration_set(ConfigurationSetName=name)
    assert described["ConfigurationSet"] == {"Name": name}


def test_the_token_is_the_demo_tenants(stack):
    assert "sarah.chen@company.com" in [user["email"] for user in stack.all("/users")]


def test_the_queue_has_the_templates_redrive_and_time_out(stack):
    sqs = stack.client("sqs")
    [url] = sqs.list_queues(QueueNamePrefix="parley-EmailsQueue")["QueueUrls"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "1080"
    assert "parley-EmailsDeadLetters" in attributes["RedrivePolicy"]


@pytest.mark.processes
def test_the_users_choice_of_a_model_reaches_the_functions_and_nothing_stays_behind():
    with running_stack(
        LLM_FALLBACK="none",
        AWS_PROFILE="nobody",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        OPENAI_API_KEY="sk-of-the-user",
    ) as stack:
        assert "sk-of-the-user" not in json.dumps(stack.where)
        assert stack.env["LLM_FALLBACK"] == "none"
        assert "AWS_PROFILE" not in stack.env
        endpoint = stack.where["aws_endpoint_url"]
        assert endpoint != "http://127.0.0.1:9"
        assert urllib.request.urlopen(endpoint + "/moto-api/data.json").status == 200
    for where in (endpoint.removeprefix("http://"), stack.where["smtp"]):
        host, port = where.split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=5)
