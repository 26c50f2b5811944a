import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import pytest

from local.template import load_template

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys, time, urllib.request
from local.moto_server import moto_server
with moto_server() as url:
    urllib.request.urlopen(url + "/moto-api/data.json").read()
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.mark.processes
def test_the_services_die_with_whoever_started_them():
    """Also when that is killed without a word."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        assert urllib.request.urlopen(url + "/moto-api/data.json").status == 200
        os.kill(process.pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while _answers(url):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_refused_transaction_leaves_everything_as_it_was(aws):
    dynamodb = boto3.client("dynamodb", **aws)
    dynamodb.create_table(**load_template().table("RunsTable").create_arguments("transactions"))

    def keyed(name):
        return {"pk": {"S": "p"}, "sk": {"S": name}}

    def put(name, said):
        return {"Put": {"TableName": "transactions", "Item": keyed(name) | {"said": {"S": said}}}}

    def standing():
        return [(i["sk"]["S"], i["said"]["S"]) for i in dynamodb.scan(TableName="transactions")["Items"]]

    gone = {"Delete": {"TableName": "transactions", "Key": keyed("b")}}
    absent = {
        "ConditionCheck": {
            "TableName": "transactions",
            "Key": keyed("c"),
            "ConditionExpression": "attribute_exists(pk)",
        }
    }
    dynamodb.transact_write_items(TransactItems=[put("a", "first"), put("b", "first")])
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[put("a", "second"), put("d", "second"), gone, absent])
    assert standing() == [("a", "first"), ("b", "first")]
    dynamodb.transact_write_items(TransactItems=[put("a", "third"), gone, put("c", "third")])
    assert standing() == [("a", "third"), ("c", "third")]


def _answers(url):
    try:
        urllib.request.urlopen(url + "/moto-api/data.json", timeout=5).close()
    except OSError:
        return False
    return True
