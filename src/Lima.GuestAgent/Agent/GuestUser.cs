namespace Lima.GuestAgent.Agent;

/// <summary>The guest's user, by numbers.</summary>
internal readonly record struct GuestUser(uint User, uint Group)
{
    /// <summary>The one whose number the boot scripts have given; without one, whoever runs this.</summary>
    /// <param name="number">The number as text.</param>
    /// <param name="self">Who runs this.</param>
    /// <param name="passwd">The lines of <c>/etc/passwd</c>, which knows the group.</param>
    public static GuestUser Of(string? number, uint self, IEnumerable<string> passwd)
    {
        if (!uint.TryParse(number, out var user)) user = self;
        foreach (var line in passwd)
        {
            var fields = line.Split(':');
            if (fields.Length > 3 && uint.TryParse(fields[2], out var one) && one == user && uint.TryParse(fields[3], out var group))
                return new GuestUser(user, group);
        }

        return new GuestUser(user, user);
    }
}
