"""Work that runs is visible: announced, alive, ended once."""


def test_running_span_is_announced_and_ends_once(receiver, program):
    """A span that outlives a flush is told of with what is known of it; the finished one follows."""
    done = program(f"""
        import spyglass_sdk
        spyglass_sdk.init({receiver.url!r}, service_name="s")
        with spyglass_sdk.observation("planner", kind="agent") as run:
            run.input("go")
            assert spyglass_sdk.flush(20)
            print(spyglass_sdk.status()["running"])
        assert spyglass_sdk.flush(20)
        print(spyglass_sdk.status()["running"])
    """)
    assert done.stdout.split() == ["1", "0"]
    (announced,) = receiver.announced()
    assert announced["name"] == "invoke_agent planner"
    assert "go" in announced["gen_ai.input.messages"]
    assert receiver.spans() == [("s", "invoke_agent planner")]


def test_agents_beat_and_their_steps_do_not(receiver, program):
    """Agents are announced again and again; what runs within them once."""
    program(f"""
        import spyglass_sdk
        spyglass_sdk.init({receiver.url!r}, heartbeat_s=1e-6)
        with spyglass_sdk.observation("planner", kind="agent"), spyglass_sdk.observation("step"):
            for _ in range(3):
                assert spyglass_sdk.flush(20)
    """)
    beats = [one["spyglass.heartbeat"] for one in receiver.announced() if one["name"] == "invoke_agent planner"]
    assert beats[:3] == [1, 2, 3]
    assert [one["spyglass.heartbeat"] for one in receiver.announced() if one["name"] == "step"] == [1]


def test_short_work_is_not_announced(receiver, program):
    """What is over before the next round costs no second record."""
    program(f"import spyglass_sdk\nspyglass_sdk.init({receiver.url!r})\nspyglass_sdk.observation('short').end()")
    assert receiver.announced() == []


def test_executions_beat(receiver, program):
    """A run that was begun and not ended says that it is alive."""
    program(f"""
        import spyglass_sdk
        spyglass_sdk.init({receiver.url!r}, heartbeat_s=0.01, schedule_delay_s=0.01)
        spyglass_sdk.start_agent_execution("planner", "plan")
        while spyglass_sdk.status()["delivered"] < 4:
            spyglass_sdk.flush(1)
    """)
    assert "execution.heartbeat" in [name for _, name in receiver.logs()]


def test_killed_process_has_told_what_it_did(receiver, program):
    """What ran when a process was killed is known to the server."""
    program(f"""
        import os
        import spyglass_sdk
        if child := os.fork():
            os.waitpid(child, 0)
            os._exit(0)
        spyglass_sdk.init({receiver.url!r})
        spyglass_sdk.observation("doomed", kind="agent")
        spyglass_sdk.flush(20)
        os.kill(os.getpid(), 9)
    """)
    assert [one["name"] for one in receiver.announced()] == ["invoke_agent doomed"]
