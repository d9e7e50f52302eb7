"""What the suite asks of breakers."""

from agent.shapes import milliseconds
from agent.threaded import in_thread
from outrigger import BreakerOpen, Result


class Failed(Exception):
    """What a body of the suite's raises."""


def classify(error):
    return error.args[0] if isinstance(error, Failed) else Result.FAILURE


class BreakerOperations:
    """Needs `client`, of either kind, `aio`: which, and `hold`."""

    def breaker(self, args):
        return self.client.breaker(
            args["breaker"], method=args.get("method") or "", classify=classify
        )

    async def breaker_call(self, args):
        breaker, result, hold = self.breaker(args), args["result"], self.hold(args)
        call = breaker.guard()

        def end():
            if result != "success":
                raise Failed(Result[result.upper()])

        def body():
            with call:
                if hold:
                    hold.wait()
                end()

        async def body_in_task():
            async with call:
                if hold:
                    await hold.wait_in_task()
                end()

        try:
            await (body_in_task() if self.aio else in_thread(body))
        except Failed:
            pass
        except BreakerOpen as denied:
            return {
                "allowed": False,
                "state": denied.state,
                "reason": denied.reason,
                "retry_after_ms": milliseconds(denied.retry_after),
                "source": denied.source.value,
            }
        return {"allowed": True, "source": call.verdict.source.value}

    async def breaker_state(self, args):
        state = self.breaker(args).state
        return {
            "known": state.known,
            "state": state.state,
            "admit_ratio": state.admit_ratio,
            "generation": None if state.generation is None else str(state.generation),
        }

    async def breaker_flush(self, args):
        await (self.client.flush() if self.aio else in_thread(self.client.flush))
        return {}
