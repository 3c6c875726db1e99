namespace LiveGrains.Core;

/// <summary>Gives the address of a member of a row.</summary>
internal unsafe delegate byte* MemberOf<T>(T* row)
    where T : unmanaged;

/// <summary>
/// Where members of rows lie. To take a member's address through a pointer to its row is to read the row, as the compiler
/// checks it for null; who only asks for memory that is used later must not wait for it, and adds an offset instead.
/// </summary>
internal static unsafe class RowLayout
{
    /// <summary>Bytes from a row's beginning to a member.</summary>
    public static int OffsetOf<T>(MemberOf<T> member)
        where T : unmanaged
    {
        T row = default;
        return (int)(member(&row) - (byte*)&row);
    }
}
