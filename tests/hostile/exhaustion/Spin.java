public class Main {
    static volatile long turns;

    public static void main(String[] args) {
        for (int i = 0; i < 8; i++) {
            new Thread(() -> {
                for (;;) turns++;
            }).start();
        }
    }
}
