using System.Buffers.Binary;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>
/// Stands between a guest and the SFTP server on the host, and lets only such requests pass as stay in the shared directory.
/// The server itself would serve every file of the user. What moves paths (a rename, a link) is waited for before the next path
/// is looked at: the server works in the order of the requests, so nothing can change between the look and the deed.
/// </summary>
internal sealed class SftpGate(Stream guest, Stream server, SftpPlaces places) : IDisposable
{
    private readonly SemaphoreSlim _toGuest = new(1);
    private readonly Lock _counts = new();
    private TaskCompletionSource _answeredMore = New();
    private long _passed;
    private long _answered;
    private long _lastMove;

    /// <summary>Carries requests until the guest sends no more.</summary>
    /// <exception cref="InvalidDataException">What the guest sends is not the protocol.</exception>
    public async Task CarryRequestsAsync(CancellationToken cancel)
    {
        var packets = new SftpPackets(guest);
        while (await packets.ReadAsync(cancel) is { IsEmpty: false } run)
        {
            var (begin, at) = (0, 0);
            while (at < run.Length)
            {
                var length = SftpPackets.First(run.Span[at..]);
                var packet = run.Slice(at, length);
                var request = SftpRequest.Parse(packet.Span) ?? throw new InvalidDataException("a request that cannot be read");
                if (request.First is not null && MoveIsPending())
                {
                    // What comes before it must be on its way, lest its answer be waited for in vain.
                    await server.WriteAsync(run[begin..at], cancel);
                    begin = at;
                    await MovesDoneAsync(cancel);
                }

                var status = Judge(request, packet.Span);
                if (status != SftpStatus.Ok)
                {
                    await server.WriteAsync(run[begin..at], cancel);
                    begin = at + length;
                    await RefuseAsync(request.Id, status, cancel);
                }
                else
                {
                    Count(request);
                }

                at += length;
            }

            await server.WriteAsync(run[begin..], cancel);
        }
    }

    /// <summary>Carries answers until the server sends no more.</summary>
    /// <exception cref="InvalidDataException">The server's output breaks off.</exception>
    public async Task CarryAnswersAsync(CancellationToken cancel)
    {
        var packets = new SftpPackets(server);
        while (await packets.ReadAsync(cancel) is { IsEmpty: false } run)
        {
            Answered(run.Span);
            await ToGuestAsync(run, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _toGuest.Dispose();

    private SftpStatus Judge(SftpRequest request, ReadOnlySpan<byte> packet)
    {
        if (!request.IsKnown) return SftpStatus.Unsupported;
        foreach (var path in (ReadOnlySpan<SftpPath?>)[request.First, request.Second])
        {
            if (path is not { } named) continue;
            var status = places.Look(packet.Slice(named.Offset, named.Length), named.Follows);
            if (status != SftpStatus.Ok) return status;
        }

        return SftpStatus.Ok;
    }

    private void Count(SftpRequest request)
    {
        lock (_counts)
        {
            _passed++;
            if (request.Moves) _lastMove = _passed;
        }
    }

    // Numbers of requests are the guest's to choose, and it may lie; the count of answers is not.
    private void Answered(ReadOnlySpan<byte> run)
    {
        var count = 0;
        for (var at = 0; at < run.Length; at += SftpPackets.First(run[at..])) count++;
        TaskCompletionSource waiting;
        lock (_counts)
        {
            _answered += count;
            (waiting, _answeredMore) = (_answeredMore, New());
        }

        waiting.TrySetResult();
    }

    private bool MoveIsPending()
    {
        lock (_counts) return _answered < _lastMove;
    }

    private async Task MovesDoneAsync(CancellationToken cancel)
    {
        while (true)
        {
            Task more;
            lock (_counts)
            {
                if (_answered >= _lastMove) return;
                more = _answeredMore.Task;
            }

            await more.WaitAsync(cancel);
        }
    }

    private async Task RefuseAsync(uint id, SftpStatus status, CancellationToken cancel)
    {
        // Length, type, number, status, and two empty texts: message and language.
        var answer = new byte[21];
        BinaryPrimitives.WriteUInt32BigEndian(answer, 17);
        answer[4] = 101;
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(5), id);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(9), (uint)status);
        await ToGuestAsync(answer, cancel);
    }

    private async Task ToGuestAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        await _toGuest.WaitAsync(cancel);
        try
        {
            await guest.WriteAsync(bytes, cancel);
        }
        finally
        {
            _toGuest.Release();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
