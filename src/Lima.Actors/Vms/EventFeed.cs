using System.Collections.Immutable;
using System.Threading.Channels;
using Akka.Actor;

namespace Lima.Actors.Vms;

/// <summary>
/// Hands what VMs publish to followers outside the actor system. A follower that reads too slowly loses the oldest news,
/// never memory: stored events can be read again from the journal.
/// </summary>
public sealed class EventFeed
{
    private const int BacklogMax = 1000;
    private ImmutableHashSet<Channel<object>> _followers = [];

    /// <summary>Begins to follow; dispose it to end.</summary>
    public Subscription Follow()
    {
        var channel = Channel.CreateBounded<object>(new BoundedChannelOptions(BacklogMax) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(ref _followers, f => f.Add(channel));
        return new Subscription(channel.Reader, () => ImmutableInterlocked.Update(ref _followers, f => f.Remove(channel)));
    }

    /// <summary>How to make the actor that feeds it.</summary>
    public Props Props() => Akka.Actor.Props.Create(() => new FeedActor(this));

    private void Publish(object news)
    {
        foreach (var follower in _followers) follower.Writer.TryWrite(news);
    }

    /// <summary>One follower: reads <see cref="VmEventStored"/>, <see cref="VmProgress"/> and <see cref="PortForwarding.PortForwardNews"/>.</summary>
    public sealed class Subscription(ChannelReader<object> news, Action end) : IDisposable
    {
        /// <summary>The news.</summary>
        public ChannelReader<object> News => news;

        /// <inheritdoc/>
        public void Dispose() => end();
    }

    internal sealed class FeedActor : ReceiveActor
    {
        public FeedActor(EventFeed feed)
        {
            Receive<VmEventStored>(feed.Publish);
            Receive<VmProgress>(feed.Publish);
            Receive<PortForwarding.PortForwardNews>(feed.Publish);
        }

        protected override void PreStart()
        {
            Context.System.EventStream.Subscribe(Self, typeof(VmEventStored));
            Context.System.EventStream.Subscribe(Self, typeof(VmProgress));
            Context.System.EventStream.Subscribe(Self, typeof(PortForwarding.PortForwardNews));
        }
    }
}
