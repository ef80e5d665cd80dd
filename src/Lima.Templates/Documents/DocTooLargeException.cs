namespace Lima.Templates.Documents;

/// <summary>A document that grew beyond what is written. No text that was read becomes so large; what expressions make may.</summary>
internal sealed class DocTooLargeException() : Exception($"the document is larger than {DocWriter.CharsMax >> 20} MiB");
