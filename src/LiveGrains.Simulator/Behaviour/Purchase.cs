using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>Carts and minor units paid that a card leads to on average: the first of a visit, and a later one.</summary>
internal readonly record struct CardMeans(double CartsOfFirst, double CartsOfLater, double PaidOfFirst, double PaidOfLater);

/// <summary>
/// The purchase funnel in a room: card, click, cart, order, pay, refund. A step is due while its viewer is in the room: it
/// prolongs the visit, but never beyond the broadcast, which ends the purchase instead.
/// </summary>
internal sealed class Purchase(Platform platform)
{
    private const double FirstCardSeconds = 2;
    private const double FirstCardGapSeconds = 16;
    private const double LeastCardGapSeconds = 4;
    private const double FlashFactor = 1.8;
    private const double OnePieceChance = 0.8;
    private const int FewestPieces = 2;
    private const int MostPieces = 3;
    private const double ClickChance = 0.10;
    private const double CartAfterClick = 0.22;
    private const double OrderAfterClick = 0.06;
    private const double OrderAfterCart = 0.55;
    private const double PayAfterOrder = 0.88;
    private const double RefundAfterPay = 0.03;
    private const int PresentationMs = 90_000;
    private const double CardGapSeconds = 85;

    private readonly Xoshiro256 _random = platform.Random;

    /// <summary>How many cards are shown in each second of a visit on average, and of these the first.</summary>
    public static (double[] All, double[] First) CardRates(int seconds)
    {
        var all = new double[seconds];
        var first = new double[seconds];
        // Cards that are due: the gap is over, the exponential wait is not.
        var (waitsForFirst, waits) = (1.0, 0.0);
        for (var second = 0; second < seconds; second++)
        {
            if (second >= FirstCardSeconds)
            {
                first[second] = waitsForFirst * (1 - PortableMath.Exp(-1 / FirstCardGapSeconds));
                waitsForFirst -= first[second];
            }

            if (second >= LeastCardGapSeconds)
                waits += all[second - (int)LeastCardGapSeconds];
            var later = waits * (1 - PortableMath.Exp(-1 / CardGapSeconds));
            waits -= later;
            all[second] = first[second] + later;
        }

        return (all, first);
    }

    /// <summary>What a card leads to on average. The first of a visit most often shows what the host presents now, later ones what comes then.</summary>
    public static CardMeans ExpectCard(Platform platform, in UserTraits traits, Match match, in RoomState room, int number, long nowMs, bool isFlash)
    {
        var shelf = platform.Rooms.Shelf(number);
        var presented = Presented(room, nowMs + (long)((FirstCardSeconds + FirstCardGapSeconds) * 1_000));
        double carts = 0, paid = 0, presentedCarts = 0, presentedPaid = 0;
        for (var i = 0; i < shelf.Length; i++)
        {
            if (!platform.Products.IsAvailable(shelf[i]))
                continue;
            var price = platform.Products.Price(shelf[i]);
            var keen = ClickChanceOf(traits, match, platform.Products.Tag(shelf[i]), isFlash) * Keenness(traits, price, isFlash);
            var pays = keen * (CartAfterClick * OrderAfterCart + OrderAfterClick) * PayAfterOrder;
            var amount = pays * price * (OnePieceChance + (1 - OnePieceChance) * (FewestPieces + MostPieces) / 2.0);
            carts += keen * CartAfterClick;
            paid += amount;
            if (i == presented)
                (presentedCarts, presentedPaid) = (keen * CartAfterClick, amount);
        }

        carts /= shelf.Length;
        paid /= shelf.Length;
        var share = PresentedChance(isFlash);
        return new CardMeans(share * presentedCarts + (1 - share) * carts, carts, share * presentedPaid + (1 - share) * paid, paid);
    }

    /// <summary>When the first card of a visit is shown, in milliseconds after the viewer came; never in rooms without products.</summary>
    public long FirstCardMs(in RoomState room, long nowMs) =>
        room.ShelfCount == 0 ? long.MaxValue : nowMs + (long)(FirstCardSeconds * 1_000) + platform.GapMs(FirstCardGapSeconds);

    /// <summary>Shows the product that the host presents, or another one of the shelf.</summary>
    public void ShowCard(ref ViewerState viewer, in RoomState room, long nowMs, ref LineWriter line)
    {
        viewer.CardMs = nowMs + (long)(LeastCardGapSeconds * 1_000) + platform.GapMs(CardGapSeconds);
        var shelf = platform.Rooms.Shelf(viewer.Room);
        var presented = Presented(room, nowMs);
        var flash = room.Moment == RoomMoment.Flash;
        var product = shelf[_random.Chance(PresentedChance(flash)) ? presented : _random.Below(shelf.Length)];
        if (!platform.Products.IsAvailable(product) || viewer.Purchase != PurchaseStep.None)
            return;
        line.Begin(EventKind.Impression, nowMs);
        line.Room(viewer.Room);
        line.Product(product);
        line.User(viewer.User);
        line.End();
        viewer.Product = product;
        if (_random.Chance(ClickChanceOf(viewer.Traits, viewer.Match, platform.Products.Tag(product), flash)))
            Plan(ref viewer, room, PurchaseStep.Click, nowMs + _random.Between(700, 6_000));
    }

    /// <summary>Does the step that is due and plans the next.</summary>
    public void Step(ref ViewerState viewer, in RoomState room, long nowMs, ref LineWriter line)
    {
        var step = viewer.Purchase;
        viewer.Purchase = PurchaseStep.None;
        viewer.PurchaseMs = long.MaxValue;
        var price = platform.Products.Price(viewer.Product);
        switch (step)
        {
            case PurchaseStep.Click:
                Begin(EventKind.Click, viewer, nowMs, ref line);
                line.End();
                var keen = Keenness(viewer.Traits, price, room.Moment == RoomMoment.Flash);
                var choice = _random.Unit();
                if (choice < CartAfterClick * keen)
                    Plan(ref viewer, room, PurchaseStep.Cart, nowMs + 1_500 + platform.GapMs(8));
                else if (choice < (CartAfterClick + OrderAfterClick) * keen)
                    PlanOrder(ref viewer, room, nowMs + 2_000 + platform.GapMs(12));
                break;
            case PurchaseStep.Cart:
                Begin(EventKind.Cart, viewer, nowMs, ref line);
                line.End();
                if (_random.Chance(OrderAfterCart))
                    PlanOrder(ref viewer, room, nowMs + 3_000 + platform.GapMs(25));
                break;
            case PurchaseStep.Order:
                if (!platform.Products.Take(viewer.Product, viewer.Pieces))
                    break;
                WritePaid(EventKind.Order, viewer, price, nowMs, ref line);
                if (_random.Chance(PayAfterOrder))
                    Plan(ref viewer, room, PurchaseStep.Pay, nowMs + 2_000 + platform.GapMs(10));
                break;
            case PurchaseStep.Pay:
                WritePaid(EventKind.Pay, viewer, price, nowMs, ref line);
                if (_random.Chance(RefundAfterPay))
                    Plan(ref viewer, room, PurchaseStep.Refund, nowMs + 15_000 + platform.GapMs(60));
                break;
            case PurchaseStep.Refund:
                WritePaid(EventKind.Refund, viewer, price, nowMs, ref line);
                break;
        }
    }

    private void PlanOrder(ref ViewerState viewer, in RoomState room, long dueMs)
    {
        viewer.Pieces = (byte)(_random.Chance(OnePieceChance) ? 1 : _random.Between(FewestPieces, MostPieces + 1));
        Plan(ref viewer, room, PurchaseStep.Order, dueMs);
    }

    private static void Plan(ref ViewerState viewer, in RoomState room, PurchaseStep step, long dueMs)
    {
        const int LingersMs = 1_500;
        if (dueMs + LingersMs >= room.EndMs)
            return;
        viewer.Purchase = step;
        viewer.PurchaseMs = dueMs;
        viewer.EndMs = Math.Max(viewer.EndMs, dueMs + LingersMs);
    }

    /// <summary>Multiple of the chance to buy: what is cheap for the budget sells, and a flash sale sells more.</summary>
    private static double Keenness(in UserTraits traits, int price, bool flash)
    {
        var budget = 9_900 * (double)traits.Budget;
        return Math.Clamp(2 * budget / (budget + price), 0.15, 1.6) * (flash ? 1.5 : 1);
    }

    private static int Presented(in RoomState room, long nowMs) => (int)((nowMs - room.StartMs) / PresentationMs % room.ShelfCount);

    private static double PresentedChance(bool flash) => flash ? 0.9 : 0.6;

    private static double ClickChanceOf(in UserTraits traits, Match match, int tag, bool flash)
    {
        var chance = ClickChance * (flash ? FlashFactor : 1) * match switch
        {
            Match.Stranger => 0.4,
            Match.Category => 0.8,
            _ => 1.3,
        };
        return traits.LikesTag(tag) ? chance * 1.4 : chance;
    }

    private static void Begin(EventKind kind, in ViewerState viewer, long nowMs, ref LineWriter line)
    {
        line.Begin(kind, nowMs);
        line.Room(viewer.Room);
        line.Product(viewer.Product);
        line.User(viewer.User);
    }

    private static void WritePaid(EventKind kind, in ViewerState viewer, int price, long nowMs, ref LineWriter line)
    {
        Begin(kind, viewer, nowMs, ref line);
        if (viewer.Pieces > 1)
            line.Number(",\"count\":"u8, viewer.Pieces);
        line.Number(",\"amount\":"u8, (long)price * viewer.Pieces);
        line.End();
    }
}
