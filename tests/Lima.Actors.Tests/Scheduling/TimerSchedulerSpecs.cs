using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Lima.Actors.Scheduling;

namespace Lima.Actors.Tests.Scheduling;

public sealed class TimerSchedulerSpecs() : TestKit(ConfigurationFactory.ParseString(
    """akka.scheduler.implementation = "Lima.Actors.Scheduling.TimerScheduler, Lima.Actors" """))
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public void The_system_uses_it() => Assert.IsType<TimerScheduler>(Sys.Scheduler);

    [Fact]
    public void A_message_comes_once()
    {
        Sys.Scheduler.ScheduleTellOnce(Soon, TestActor, "once", ActorRefs.NoSender);
        ExpectMsg("once", Deadline);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void A_repeated_message_comes_until_it_is_cancelled()
    {
        var cancel = new Cancelable(Sys.Scheduler);
        Sys.Scheduler.ScheduleTellRepeatedly(TimeSpan.Zero, Soon, TestActor, "again", ActorRefs.NoSender, cancel);
        for (var i = 0; i < 3; i++) ExpectMsg("again", Deadline);
        cancel.Cancel();
        // One may be on its way already.
        ReceiveWhile<object>(TimeSpan.FromMilliseconds(100), m => m);
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public void What_was_cancelled_before_its_time_never_comes()
    {
        var cancel = new Cancelable(Sys.Scheduler);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(200), TestActor, "never", ActorRefs.NoSender, cancel);
        cancel.Cancel();
        ExpectNoMsg(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void An_action_that_fails_does_not_end_its_repetition()
    {
        var probe = TestActor;
        var runs = 0;
        var cancel = new Cancelable(Sys.Scheduler);
        Sys.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.Zero, Soon, () =>
        {
            if (Interlocked.Increment(ref runs) == 1) throw new InvalidOperationException("the first one fails");
            probe.Tell("ran");
        }, cancel);
        ExpectMsg("ran", Deadline);
        cancel.Cancel();
    }
}
