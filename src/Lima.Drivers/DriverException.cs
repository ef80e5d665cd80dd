using Lima.Domain.Vms;

namespace Lima.Drivers;

/// <summary>
/// The world refused, in a way that a user can act on. Everything a driver throws on purpose is this; any other
/// exception is a defect.
/// </summary>
public sealed class DriverException : Exception
{
    /// <summary>Wraps the cause that users and programs get to see.</summary>
    public DriverException(VmCause cause, Exception? inner = null)
        : base(cause.Message, inner) => Cause = cause;

    /// <summary>Makes the cause from its parts.</summary>
    public DriverException(string code, string step, string message, string hint = "", Exception? inner = null)
        : this(new VmCause(code, step, message, hint), inner)
    {
    }

    /// <summary>What happened, where, and what to do next.</summary>
    public VmCause Cause { get; }
}
