"""A seed and a number name a pair, whatever else is run."""

from __future__ import annotations

import pytest

from tests.faults import soak
from tests.faults.cases import Case
from tests.faults.paths import PATHS

TARGETS = {
    name: [("api:GET /mailboxes?address", 1), ("dynamodb:PutItem:run:claim", 1), ("ses:SendRawEmail", 2)]
    for name in PATHS
}


def test_a_pair_is_the_same_each_time_and_another_for_each_number_and_seed():
    first = [soak.case(1, number, TARGETS) for number in range(200)]
    assert first == [soak.case(1, number, TARGETS) for number in range(200)]
    assert first != [soak.case(2, number, TARGETS) for number in range(200)]
    assert len(set(first)) > 150


def test_pairs_take_every_path_and_every_kind_of_fault():
    drawn = [soak.case(1, number, TARGETS) for number in range(300)]
    assert {case.path for case in drawn} == set(PATHS)
    assert {fault.action for case in drawn for fault in case.faults} == set(soak.ACTIONS)
    assert {case.faults[1].turn for case in drawn} == {0, 1}


@pytest.mark.parametrize("number", range(5))
def test_a_pair_survives_the_way_to_a_lane_and_back(number):
    case = soak.case(3, number, TARGETS)
    assert Case.from_json(case.as_json()) == case
