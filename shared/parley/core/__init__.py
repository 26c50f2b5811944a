"""What everybody speaks: the clock and deadlines, ids, money, state machines, tasks."""
