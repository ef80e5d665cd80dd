namespace Lima.GuestAgent.Services;

/// <summary>Cuts a stream into lines. One that is longer than allowed is left out whole.</summary>
internal sealed class LineReader(Stream stream, int max)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start, _end;
    private bool _isTooLong;

    /// <summary>The next line without its end, valid until the next call; null at the end of the stream.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancel)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                if (!_isTooLong) return line;
                _isTooLong = false;
                continue;
            }

            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
            if (count == 0) return null;
            _end += count;
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length) return;
        if (_start > 0) _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_end, _start) = (_end - _start, 0);
        if (_end < _buffer.Length) return;
        if (_end < max)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, max));
            return;
        }

        (_isTooLong, _end) = (true, 0);
    }
}
