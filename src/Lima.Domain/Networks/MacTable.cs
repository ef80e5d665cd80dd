namespace Lima.Domain.Networks;

/// <summary>
/// Behind which port of a switch an address was last seen. Each port has its own card's address for ever, and a bounded number of
/// others, so that no guest can push out what belongs to another. Not safe for several threads.
/// </summary>
/// <typeparam name="TPort">A port.</typeparam>
public sealed class MacTable<TPort> where TPort : class
{
    /// <summary>Addresses besides its card's that are remembered for a port: bridges and containers with cards of their own.</summary>
    public const int OthersMax = 64;

    /// <summary>How long an address is remembered without being seen.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromMinutes(5);

    private readonly Dictionary<Mac, (TPort Port, TimeSpan Seen)> _learned = [];
    private readonly Dictionary<Mac, TPort> _cards = [];
    private readonly Dictionary<TPort, Room> _rooms = [];

    /// <summary>How many addresses have been learned.</summary>
    public int Count => _learned.Count;

    /// <summary>A port and the address of the card behind it.</summary>
    public void Add(Mac card, TPort port)
    {
        Drop(card);
        _cards[card] = port;
        _rooms[port] = new Room();
    }

    /// <summary>Forgets a port and all that was behind it.</summary>
    public void Remove(TPort port)
    {
        foreach (var card in _cards.Where(entry => ReferenceEquals(entry.Value, port)).Select(entry => entry.Key).ToList()) _cards.Remove(card);
        foreach (var mac in _learned.Where(entry => ReferenceEquals(entry.Value.Port, port)).Select(entry => entry.Key).ToList()) _learned.Remove(mac);
        _rooms.Remove(port);
    }

    /// <summary>
    /// Takes note that a frame from an address came in at a port. False when the frame is to be dropped: nobody may send as another
    /// port's card, as the gateway, or as a group.
    /// </summary>
    public bool Learn(Mac source, TPort port, TimeSpan now)
    {
        if (_cards.TryGetValue(source, out var owner)) return ReferenceEquals(owner, port);
        if (source.IsGroup || source == NetworkPlan.GatewayMac || source.Value == 0) return false;
        if (_learned.TryGetValue(source, out var known) && ReferenceEquals(known.Port, port))
        {
            _learned[source] = (port, now);
            return true;
        }

        if (!_rooms.TryGetValue(port, out var room)) return false;
        if (room.Taken >= OthersMax) MakeRoom(port, room, now);
        // What is not remembered is no secret: frames to it go to all ports, as to any unknown address.
        if (room.Taken >= OthersMax) return true;
        Drop(source);
        _learned[source] = (port, now);
        room.Taken++;
        return true;
    }

    /// <summary>The port behind which an address is; null when that is not known.</summary>
    public TPort? Find(Mac destination, TimeSpan now)
    {
        if (_cards.TryGetValue(destination, out var port)) return port;
        return _learned.TryGetValue(destination, out var known) && now - known.Seen <= Age ? known.Port : null;
    }

    // Looking through the table for each frame would be work that a guest could make for the host.
    private void MakeRoom(TPort port, Room room, TimeSpan now)
    {
        if (now < room.NextLook) return;
        room.NextLook = now + TimeSpan.FromSeconds(1);
        foreach (var mac in _learned.Where(e => ReferenceEquals(e.Value.Port, port) && now - e.Value.Seen > Age).Select(e => e.Key).ToList()) Drop(mac);
    }

    private void Drop(Mac mac)
    {
        if (_learned.Remove(mac, out var entry)) _rooms[entry.Port].Taken--;
    }

    private sealed class Room
    {
        public int Taken { get; set; }

        public TimeSpan NextLook { get; set; } = TimeSpan.MinValue;
    }
}
