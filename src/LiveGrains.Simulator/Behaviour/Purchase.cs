using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>
/// The purchase funnel in a room: card, click, cart, order, pay, refund. A step is due while its viewer is in the room: it
/// prolongs the visit, but never beyond the broadcast, which ends the purchase instead.
/// </summary>
internal sealed class Purchase(Platform platform)
{
    private const double ClickChance = 0.10;
    private const double CartAfterClick = 0.22;
    private const double OrderAfterClick = 0.06;
    private const double OrderAfterCart = 0.55;
    private const double PayAfterOrder = 0.88;
    private const double RefundAfterPay = 0.03;
    private const int PresentationMs = 90_000;
    private const double CardGapSeconds = 85;

    private readonly Xoshiro256 _random = platform.Random;

    /// <summary>When the first card of a visit is shown, in milliseconds after the viewer came; never in rooms without products.</summary>
    public long FirstCardMs(in RoomState room, long nowMs) =>
        room.ShelfCount == 0 ? long.MaxValue : nowMs + 2_000 + platform.GapMs(16);

    /// <summary>Shows the product that the host presents, or another one of the shelf.</summary>
    public void ShowCard(ref ViewerState viewer, in RoomState room, long nowMs, ref LineWriter line)
    {
        viewer.CardMs = nowMs + 4_000 + platform.GapMs(CardGapSeconds);
        var shelf = platform.Rooms.Shelf(viewer.Room);
        var presented = (int)((nowMs - room.StartMs) / PresentationMs % shelf.Length);
        var flash = room.Moment == RoomMoment.Flash;
        var product = shelf[_random.Chance(flash ? 0.9 : 0.6) ? presented : _random.Below(shelf.Length)];
        if (!platform.Products.IsAvailable(product) || viewer.Purchase != PurchaseStep.None)
            return;
        line.Begin(EventKind.Impression, nowMs);
        line.Room(viewer.Room);
        line.Product(product);
        line.User(viewer.User);
        line.End();
        var chance = ClickChance * (flash ? 1.8 : 1) * viewer.Match switch
        {
            Match.Stranger => 0.4,
            Match.Category => 0.8,
            _ => 1.3,
        };
        if (viewer.Traits.LikesTag(platform.Products.Tag(product)))
            chance *= 1.4;
        viewer.Product = product;
        if (_random.Chance(chance))
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
                var keen = Keenness(viewer, room, price);
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
        viewer.Pieces = (byte)(_random.Chance(0.8) ? 1 : _random.Between(2, 4));
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
    private static double Keenness(in ViewerState viewer, in RoomState room, int price)
    {
        var budget = 9_900 * (double)viewer.Traits.Budget;
        return Math.Clamp(2 * budget / (budget + price), 0.15, 1.6) * (room.Moment == RoomMoment.Flash ? 1.5 : 1);
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
