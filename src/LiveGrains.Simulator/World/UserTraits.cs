namespace LiveGrains.Simulator.World;

/// <summary>What does not change about a user.</summary>
internal struct UserTraits
{
    /// <summary>Multiple of the usual budget.</summary>
    public float Budget;

    /// <summary>Multiple of the usual rate of interactions.</summary>
    public float Engagement;
    public byte FirstTaste;
    public byte SecondTaste;
    public byte ThirdTaste;

    /// <summary>Bit n: likes tag n of the categories of the taste.</summary>
    public byte LikedTags;
    public bool English;

    public readonly bool Likes(int category) => category == FirstTaste || category == SecondTaste || category == ThirdTaste;

    public readonly bool LikesTag(int tag) => (LikedTags >> tag & 1) != 0;
}
