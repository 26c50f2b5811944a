import os

from local.environment import aws_environment, chosen_by_user, in_place


def test_only_the_choice_of_a_model_is_passed_on():
    environ = {"LLM_MODEL": "m", "LLM_FALLBACK": " ", "AWS_PROFILE": "prod", "S3_BUCKET": "theirs"}
    assert chosen_by_user(environ) == {"LLM_MODEL": "m"}


def test_the_users_aws_settings_are_out_of_sight_and_come_back():
    os.environ["AWS_PROFILE"] = "prod"
    try:
        with in_place(aws_environment("http://127.0.0.1:1")):
            assert "AWS_PROFILE" not in os.environ
            assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
            assert os.environ["AWS_CONFIG_FILE"] == os.devnull
        assert os.environ["AWS_PROFILE"] == "prod"
        assert "AWS_ENDPOINT_URL" not in os.environ
    finally:
        del os.environ["AWS_PROFILE"]
