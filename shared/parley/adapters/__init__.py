"""The users of aioboto3 and aiohttp. Each translates its library's errors once."""
