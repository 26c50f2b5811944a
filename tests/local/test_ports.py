import socket

import pytest

from local.ports import listen, port_of
from parley.errors import RequestError


def test_a_free_port_is_had_and_connections_queue_at_once():
    with listen(None, what="tests") as listener:
        socket.create_connection(("127.0.0.1", port_of(listener)), timeout=1).close()


def test_a_port_that_is_taken_is_one_sentence():
    with listen(None, what="tests") as first:
        port = port_of(first)
        with pytest.raises(RequestError, match=f"port {port} cannot be used for SMTP: something else"):
            listen(port, what="SMTP")


def test_a_number_that_is_no_port_is_one_sentence():
    with pytest.raises(RequestError, match="from 0 to 65535"):
        listen(65536, what="the API")
