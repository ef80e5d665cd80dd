using Lima.Contracts;
using Lima.Drivers;
using Lima.Drivers.Qemu;
using Lima.Drivers.Qemu.Probe;
using Lima.Host.Specs;

namespace Lima.Host.Api;

/// <summary>Which QEMU and which accelerator guests of this machine's own architecture get.</summary>
internal sealed class QemuInfo(QemuHypervisor hypervisor)
{
    /// <summary>Version and accelerator, or what stands in the way.</summary>
    public async Task<(string? Version, AcceleratorView? Accelerator, string? Problem)> GetAsync(CancellationToken cancel)
    {
        try
        {
            var arch = QemuArch.Get(MachineFacts.Architecture);
            var qemu = await QemuInstallation.FindAsync(arch, Environment.GetEnvironmentVariable, cancel);
            var choice = await hypervisor.AcceleratorAsync(arch.Name, cancel);
            var overridden = Environment.GetEnvironmentVariable(AcceleratorProbe.Override) is { Length: > 0 };
            return (qemu.Version.ToString(), new AcceleratorView(choice.Accelerator.Word(), choice.Reason, overridden ? "override" : "probe"), null);
        }
        catch (DriverException e)
        {
            return (null, null, e.Cause.ToString());
        }
    }
}
