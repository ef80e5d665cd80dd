namespace Lima.Templates.GoTemplates;

/// <summary>The structs that Lima's templates see, as data.</summary>
public static partial class GoFields
{
    /// <summary>
    /// A line with the name of a struct, then a line for each field: its name in Go, its name in JSON, its type, and
    /// <c>always</c> where it is written though empty. After a plus stands a struct whose fields count as those of this one.
    /// </summary>
    private const string Table = """
        store.FormatData
          + limatype.Instance
          HostOS HostOS string always
          HostArch HostArch string always
          LimaHome LimaHome string always
          IdentityFile IdentityFile string always
          Forwards forwards []limatype.Forward
          LoopbackAddress loopbackAddress string
        limatype.Forward
          Protocol protocol string always
          GuestAddress guestAddress string always
          HostAddress hostAddress string always
          State state string always
          Path path string
          Problem problem limatype.Cause
          Rule rule string
          Own own bool
          Reverse reverse bool
        limatype.Cause
          Code code string always
          Step step string always
          Message message string always
          Hint hint string
        limatype.Instance
          Name name string always
          Hostname hostname string always
          Status status string always
          Dir dir string always
          VMType vmType string always
          Arch arch string always
          CPUs cpus int
          Memory memory int64
          Disk disk int64
          Message message string
          AdditionalDisks additionalDisks []limatype.Disk
          Networks network []limatype.Network
          SSHLocalPort sshLocalPort int
          SSHConfigFile sshConfigFile string
          HostAgentPID hostAgentPID int
          DriverPID driverPID int
          Errors errors []error
          Config config *limatype.LimaYAML
          SSHAddress sshAddress string
          Protected protected bool always
          LimaVersion limaVersion string always
          Param param map[string]string
          AutoStartedIdentifier autoStartedIdentifier string
        limatype.LimaYAML
          Base base []limatype.LocatorWithDigest
          MinimumLimaVersion minimumLimaVersion *string
          VMType vmType *string
          VMOpts vmOpts map[string]any
          OS os *string
          Arch arch *string
          Images images []limatype.Image
          CPUType cpuType map[string]string
          CPUs cpus *int
          Memory memory *string
          Disk disk *string
          AdditionalDisks additionalDisks []limatype.Disk
          Mounts mounts []limatype.Mount
          MountTypesUnsupported mountTypesUnsupported []string
          MountType mountType *string
          MountInotify mountInotify *bool
          SSH ssh limatype.SSH
          Firmware firmware limatype.Firmware
          Audio audio limatype.Audio
          Video video limatype.Video
          Provision provision []limatype.Provision
          UpgradePackages upgradePackages *bool
          Containerd containerd limatype.Containerd
          GuestInstallPrefix guestInstallPrefix *string
          Probes probes []limatype.Probe
          PortForwards portForwards []limatype.PortForward
          CopyToHost copyToHost []limatype.CopyToHost
          Message message string
          Networks networks []limatype.Network
          Env env map[string]string
          Param param map[string]string
          DNS dns []net.IP
          HostResolver hostResolver limatype.HostResolver
          PropagateProxyEnv propagateProxyEnv *bool
          CACertificates caCerts limatype.CACertificates
          Rosetta rosetta limatype.Rosetta
          Plain plain *bool
          TimeZone timezone *string
          NestedVirtualization nestedVirtualization *bool
          User user limatype.User
          TPM tpm *bool
          OsOpts osOpts map[string]any
        limatype.LocatorWithDigest
          URL url string always
          Digest digest *string
        limatype.User
          Name name *string
          Comment comment *string
          Home home *string
          Shell shell *string
          UID uid *uint32
          PasswordlessSudo passwordlessSudo *bool
        limatype.Rosetta
          Enabled enabled *bool
          BinFmt binfmt *bool
        limatype.File
          Location location string always
          Arch arch string
          Digest digest digest.Digest
        limatype.FileWithVMType
          + limatype.File
          VMType vmType string
        limatype.Kernel
          + limatype.File
          Cmdline cmdline string
        limatype.Image
          + limatype.File
          Kernel kernel *limatype.Kernel
          Initrd initrd *limatype.File
          Variant variant string
          ArchVariant archVariant string
        limatype.Disk
          Name name string always
          Format format *bool
          FSType fsType *string
          FSArgs fsArgs []string
        limatype.Mount
          Location location string always
          MountPoint mountPoint *string
          Writable writable *bool
          SSHFS sshfs limatype.SSHFS
          NineP 9p limatype.NineP
          Virtiofs virtiofs limatype.Virtiofs
        limatype.SSHFS
          Cache cache *bool
          FollowSymlinks followSymlinks *bool
          SFTPDriver sftpDriver *string
        limatype.NineP
          SecurityModel securityModel *string
          ProtocolVersion protocolVersion *string
          Msize msize *string
          Cache cache *string
        limatype.Virtiofs
          QueueSize queueSize *int
        limatype.SSH
          LocalPort localPort *int
          LoadDotSSHPubKeys loadDotSSHPubKeys *bool
          ForwardAgent forwardAgent *bool
          ForwardX11 forwardX11 *bool
          ForwardX11Trusted forwardX11Trusted *bool
          OverVsock overVsock *bool
        limatype.Firmware
          LegacyBIOS legacyBIOS *bool
          Images images []limatype.FileWithVMType
        limatype.Audio
          Device device *string
          Interface interface *string
        limatype.VNCOptions
          Display display *string
        limatype.Video
          Display display *string
          VNC vnc limatype.VNCOptions
        limatype.Provision
          Mode mode string
          SkipDefaultDependencyResolution skipDefaultDependencyResolution *bool
          Script script *string
          File file *limatype.LocatorWithDigest
          Playbook playbook string
          + limatype.ProvisionData
          Expression expression *string
          Format format *string
        limatype.ProvisionData
          Content content *string
          Overwrite overwrite *bool
          Owner owner *string
          Path path *string
          Permissions permissions *string
        limatype.Containerd
          System system *bool
          User user *bool
          Archives archives []limatype.File
        limatype.Probe
          Mode mode string
          Description description string
          Script script *string
          File file *limatype.LocatorWithDigest
          Hint hint string
        limatype.PortForward
          GuestIPMustBeZero guestIPMustBeZero *bool
          GuestIP guestIP net.IP
          GuestPort guestPort int
          GuestPortRange guestPortRange [2]int
          GuestSocket guestSocket string
          HostIP hostIP net.IP
          HostPort hostPort int
          HostPortRange hostPortRange [2]int
          HostSocket hostSocket string
          Proto proto string
          Reverse reverse bool
          Ignore ignore bool
          Static static bool
        limatype.CopyToHost
          GuestFile guest string
          HostFile host string
          SkipIfMissing skipIfMissing bool
          DeleteOnStop deleteOnStop bool
        limatype.Network
          Lima lima string
          Socket socket string
          VZNAT vzNAT *bool
          MACAddress macAddress string
          Interface interface string
          Metric metric *uint32
        limatype.HostResolver
          Enabled enabled *bool
          IPv6 ipv6 *bool
          Hosts hosts map[string]string
        limatype.CACertificates
          RemoveDefaults removeDefaults *bool
          Files files []string
          Certs certs []string
        """;
}
