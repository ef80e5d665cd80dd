using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Lima.Domain.Vms;

namespace Lima.Domain.Tests.Vms.Simulation;

/// <summary>Whatever users, guests, disks and host crashes do: a VM comes to rest, and where it says it is.</summary>
public sealed class SimulationProperties
{
    private const int Runs = 10_000;

    [Property(Arbitrary = [typeof(Steps)], MaxTest = Runs, EndSize = 250)]
    public void Comes_to_rest_in_agreement_with_the_world(Step[] steps)
    {
        var simulation = After(steps);
        Settle(simulation);
    }

    [Property(Arbitrary = [typeof(Steps)], MaxTest = Runs, EndSize = 250)]
    public void Reaches_what_the_pending_intent_wants(Step[] steps)
    {
        var simulation = After(steps);
        var before = simulation.Story.State;
        Settle(simulation);
        var after = simulation.Story.State;
        switch (before.Intent)
        {
            case VmIntent.Stopping or VmIntent.Killing:
                Check(simulation, after.Phase is VmPhase.Stopped or VmPhase.Error);
                break;
            case VmIntent.Deleting:
                Check(simulation, after.IsDeleted);
                break;
            case VmIntent.Editing or VmIntent.Cloning or VmIntent.Renaming or VmIntent.Resetting:
                Check(simulation, after is { Intent: VmIntent.None, Errand: null });
                break;
            case VmIntent.Restarting:
                Check(simulation, after.Attempt == before.Attempt + 1);
                break;
        }
    }

    [Property(Arbitrary = [typeof(Steps)], MaxTest = Runs, EndSize = 250)]
    public void A_forced_stop_ends_in_Stopped_and_a_forced_delete_in_nothing(Step[] steps, bool delete)
    {
        var simulation = After(steps);
        Settle(simulation);
        if (!simulation.Story.State.Exists) return;
        simulation.Run([new Step(delete ? "delete --force" : "stop --force", 0)]);
        Settle(simulation);
        Check(simulation, delete ? simulation.Story.State.IsDeleted : simulation.Story.State.Phase == VmPhase.Stopped);
    }

    /// <summary>A simulation that never pauses anything would pass all of the above.</summary>
    [Fact]
    public void The_simulated_hours_lead_to_every_place()
    {
        var seen = new HashSet<string>();
        foreach (var steps in Arb.Array(Steps.Step()).Generator.Sample(2000, new Rnd(20260301, 1), 250))
        {
            var simulation = new Simulation();
            foreach (var step in steps)
            {
                simulation.Run([step]);
                if (simulation.Story.State.Exists) seen.Add(VmPlaces.Name(simulation.Story.State));
            }
        }

        Assert.Equal(VmPlaces.All.Values.Select(VmPlaces.Name).Distinct().Order(), seen.Order());
    }

    private static Simulation After(Step[] steps)
    {
        var simulation = new Simulation();
        Guard(simulation, () => simulation.Run(steps));
        return simulation;
    }

    private static void Settle(Simulation simulation)
    {
        Guard(simulation, simulation.Settle);
        var problem = simulation.Unsettled();
        Assert.True(problem is null, $"{problem}{Environment.NewLine}{simulation.Log}");
        Assert.Equivalent(simulation.Story.State, VmStory.Replay(simulation.Story.Journal), strict: true);
    }

    private static void Check(Simulation simulation, bool good) =>
        Assert.True(good, $"came to rest in {simulation.Story.State.Phase}{Environment.NewLine}{simulation.Log}");

    private static void Guard(Simulation simulation, Action action)
    {
        try
        {
            action();
        }
        catch (InvalidOperationException e)
        {
            Assert.Fail($"{e.Message}{Environment.NewLine}{simulation.Log}");
        }
    }

    /// <summary>Hours in which mostly the world moves, often a user, seldom a disaster.</summary>
    public static class Steps
    {
        public static Arbitrary<Step> Step()
        {
            var choice = Gen.Choose(0, 16 * 27720 - 1);
            var command = Kind(Simulation.Commands.Where(c => !c.StartsWith("delete", StringComparison.Ordinal)));
            var pause = Kind(["pause", "resume"]);
            var delete = Kind(["delete", "delete --force", "delete --force"]);
            var disaster = Kind([Simulation.Crash, Simulation.CrashNext, Simulation.Reboot, Simulation.Lose, Simulation.Deafen, Simulation.Sicken]);
            return Gen.Frequency(
                (40, choice.Select(c => new Step(Simulation.World, c))), (6, Kind(["start", Simulation.Again])), (5, command), (3, pause), (1, delete),
                (3, disaster)).ToArbitrary();
        }

        private static Gen<Step> Kind(IEnumerable<string> kinds) => Gen.Elements(kinds).Select(k => new Step(k, 0));
    }
}
