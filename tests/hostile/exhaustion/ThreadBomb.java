public class Main {
    public static void main(String[] args) throws Exception {
        System.out.println("started");
        for (int i = 0; i < 100_000; i++) {
            Thread thread = new Thread(() -> {
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        System.out.println("all of them");
    }
}
