namespace Lima.Drivers.CloudInit;

/// <summary>
/// A command for cloud-init's <c>bootcmd</c> that gives network cards their names where cloud-init could not: a card that is
/// already up keeps the kernel's name at the first boot of some images (Ubuntu 26.04, LP #2136392) and gets no address.
/// </summary>
internal static class CardNames
{
    /// <summary>Seconds that the first card may take to get an address after it was renamed.</summary>
    private const int AddressLimit = 30;

    /// <summary>The command. Where every card has its name, it looks and does nothing.</summary>
    /// <param name="cards">Names of the cards with their hardware addresses.</param>
    public static string Command(IEnumerable<(string Name, string Mac)> cards) => $$"""
        renamed=
        for card in {{string.Join(' ', cards.Select(card => $"{card.Mac}={card.Name}"))}}; do
          mac=${card%%=*} name=${card#*=}
          [ -e "/sys/class/net/$name" ] && continue
          for found in /sys/class/net/*; do
            [ "$(cat "$found/address" 2>/dev/null)" = "$mac" ] || continue
            ip link set "${found##*/}" down && ip link set "${found##*/}" name "$name" && ip link set "$name" up && renamed=1
            break
          done
        done
        waited=0
        while [ -n "$renamed" ] && [ "$waited" -lt {{AddressLimit}} ] && ! ip -4 addr show dev eth0 2>/dev/null | grep -q inet; do
          sleep 1
          waited=$((waited + 1))
        done

        """;
}
